package paymentstest_test

import (
	"context"
	"fmt"
	"log"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// The journal records what happened and why. Here a program watches it while a
// caller types an expiry date.
func ExampleServer_Watch() {
	srv, err := paymentstest.Start(paymentstest.WithCaller(paymentstest.VisaCaller()))
	if err != nil {
		log.Fatal(err)
	}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		kinds := map[int64]paymentstest.EntryKind{}
		for e := range srv.Watch(context.Background(), 0) {
			kinds[e.Number] = e.Kind
			switch {
			case e.Key != nil:
				fmt.Println(e.Kind, e.Key.Masked, "in reply to", kinds[e.Cause])
			case e.Prompt != nil:
				fmt.Println(e.Kind, e.Prompt.Capture, e.Prompt.Reason, "by", kinds[e.Cause])
			}
		}
	}()

	client, err := payments.NewClient(srv.ClientOptions()...)
	if err != nil {
		log.Fatal(err)
	}
	call := srv.NewCall()
	s, err := client.Create(context.Background(), call.SID, payments.CreateParams{StatusCallback: "https://pay.example.com/status", ChargeAmount: "49.90"})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Update(context.Background(), call.SID, s.SID, payments.UpdateParams{
		StatusCallback: "https://pay.example.com/status", Capture: payments.CaptureExpirationDate}); err != nil {
		log.Fatal(err)
	}
	if err := srv.Wait(context.Background()); err != nil {
		log.Fatal(err)
	}
	srv.Close() // ends the loop after the last entry
	<-watched

	// Output:
	// prompt.opened expiration-date  by request.received
	// key.pressed • in reply to prompt.opened
	// key.pressed •• in reply to prompt.opened
	// key.pressed ••• in reply to prompt.opened
	// key.pressed •••• in reply to prompt.opened
	// prompt.closed expiration-date complete by key.pressed
}

// A snapshot is the state of everything after an entry of the journal.
func ExampleServer_Snapshot() {
	srv, err := paymentstest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	client, err := payments.NewClient(srv.ClientOptions()...)
	if err != nil {
		log.Fatal(err)
	}
	call := srv.NewCall()
	s, err := client.Create(context.Background(), call.SID, payments.CreateParams{
		StatusCallback: "https://pay.example.com/status", ChargeAmount: "49.90", PostalCode: new(false)})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Update(context.Background(), call.SID, s.SID, payments.UpdateParams{
		StatusCallback: "https://pay.example.com/status", Capture: payments.CapturePaymentCardNumber}); err != nil {
		log.Fatal(err)
	}
	if err := call.Enter("4111 1111 1111 1111"); err != nil {
		log.Fatal(err)
	}
	for _, session := range srv.Snapshot().Sessions {
		fmt.Println(session.Phase, session.Amount, session.Currency, session.Captured, session.Missing)
	}
	// Output:
	// idle 49.90 USD map[payment-card-number:xxxxxxxxxxxx1111] [expiration-date security-code]
}
