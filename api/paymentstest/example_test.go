package paymentstest_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// open starts a server and a session that charges 49.90 on card number, expiry
// and security code. In a test, NewServer(t) starts and closes the server.
func open(opts ...paymentstest.Option) (*paymentstest.Server, *payments.Client, *paymentstest.Call, string) {
	srv, err := paymentstest.Start(opts...)
	check(err)
	client, err := payments.NewClient(srv.ClientOptions()...)
	check(err)
	call := srv.NewCall()
	s, err := client.Create(context.Background(), call.SID, payments.CreateParams{
		StatusCallback: "https://pay.example.com/status", ChargeAmount: "49.90", PostalCode: new(false),
	})
	check(err)
	return srv, client, call, s.SID
}

// update sends one step of a payment.
func update(client *payments.Client, call *paymentstest.Call, sid string, p payments.UpdateParams) error {
	p.StatusCallback = "https://pay.example.com/status"
	_, err := client.Update(context.Background(), call.SID, sid, p)
	return err
}

// payWith captures all fields from a scripted caller and completes.
func payWith(srv *paymentstest.Server, client *payments.Client, call *paymentstest.Call, sid string) {
	for _, p := range []payments.UpdateParams{
		{Capture: payments.CapturePaymentCardNumber}, {Capture: payments.CaptureExpirationDate},
		{Capture: payments.CaptureSecurityCode}, {Status: payments.StatusComplete},
	} {
		check(update(client, call, sid, p))
		check(srv.Wait(context.Background()))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// A whole payment: requests by the client, keys by the test, callbacks to the
// application's own handler, in process and at its production URL.
func Example() {
	srv, client, call, sid := open()
	defer srv.Close()
	handler, err := callback.NewHandler(func(_ context.Context, e callback.Event) error {
		if !e.Partial() && e.Kind != callback.Started {
			fmt.Printf("%s %q %q\n", e.Kind, e.Capture, e.Result)
		}
		return nil
	}, callback.WithAuthTokens(srv.AuthToken()), callback.WithPublicURL("https://pay.example.com"))
	check(err)
	check(srv.Handle("https://pay.example.com/status", handler))

	for _, field := range []struct {
		capture payments.Capture
		digits  string
	}{
		{payments.CapturePaymentCardNumber, "4111 1111 1111 1111"},
		{payments.CaptureExpirationDate, "12 99"},
		{payments.CaptureSecurityCode, "123"},
	} {
		check(update(client, call, sid, payments.UpdateParams{Capture: field.capture}))
		check(call.Enter(field.digits))
	}
	check(update(client, call, sid, payments.UpdateParams{Status: payments.StatusComplete}))
	check(srv.Wait(context.Background()))
	for _, c := range srv.Charges() {
		fmt.Println("charged", c.Amount, c.Currency, c.CardType, c.LastDigits)
	}
	// Output:
	// updated "payment-card-number" ""
	// updated "expiration-date" ""
	// updated "security-code" ""
	// completed "" "success"
	// charged 49.90 USD visa 1111
}

// A scripted caller answers every question by itself.
func ExampleVisaCaller() {
	srv, client, call, sid := open(paymentstest.WithCaller(paymentstest.VisaCaller()))
	defer srv.Close()
	payWith(srv, client, call, sid)
	fmt.Println(len(srv.Charges()), "charge")
	// Output: 1 charge
}

// A custom caller mistypes the card number once.
func ExampleCaller() {
	visa := paymentstest.VisaCaller()
	srv, client, call, sid := open(paymentstest.WithCaller(func(c *paymentstest.Call, p paymentstest.Prompt) {
		if p.Capture == payments.CapturePaymentCardNumber && p.Times == 1 {
			_ = c.Enter("4111 1111 1111 1112")
			return
		}
		visa(c, p)
	}))
	defer srv.Close()
	for range 2 {
		check(update(client, call, sid, payments.UpdateParams{Capture: payments.CapturePaymentCardNumber}))
		check(srv.Wait(context.Background()))
		all := srv.Callbacks()
		last := all[len(all)-1].Event
		fmt.Printf("%q %q\n", last.ErrorType, last.PaymentCardNumber.Reveal())
	}
	// Output:
	// "invalid-card-number" ""
	// "" "xxxxxxxxxxxx1111"
}

// The caller presses * in the middle of an entry.
func ExampleCall_Star() {
	srv, client, call, sid := open()
	defer srv.Close()
	check(update(client, call, sid, payments.UpdateParams{Capture: payments.CapturePaymentCardNumber}))
	check(call.Press("4111"))
	check(call.Star())
	all := srv.Callbacks()
	fmt.Println(all[len(all)-1].Event.Result)
	// Output: caller-interrupted-with-star
}

// The gateway declines the next payment.
func ExampleServer_DeclineNext() {
	srv, client, call, sid := open(paymentstest.WithCaller(paymentstest.VisaCaller()))
	defer srv.Close()
	srv.DeclineNext(paymentstest.Decline(payments.CodeChargeRejected, "insufficient_funds"))
	payWith(srv, client, call, sid)
	all := srv.Callbacks()
	last := all[len(all)-1].Event
	fmt.Println(last.Result, last.PayErrorCode, errors.Is(last.Err(), payments.ErrDeclined))
	fmt.Println(len(srv.Charges()), "charges")
	// Output:
	// payment-connector-error 64008 true
	// 0 charges
}

// The gateway decides by amount.
func ExampleWithGateway() {
	srv, client, call, sid := open(
		paymentstest.WithCaller(paymentstest.VisaCaller()),
		paymentstest.WithGateway(func(p paymentstest.Payment) paymentstest.Verdict {
			if p.Amount == "49.90" {
				return paymentstest.Decline(payments.CodeCardRejected, "limit_exceeded")
			}
			return paymentstest.Verdict{}
		}))
	defer srv.Close()
	payWith(srv, client, call, sid)
	all := srv.Callbacks()
	fmt.Println(all[len(all)-1].Event.PayErrorCode)
	// Output: 64012
}

// The connection breaks after Twilio has acted. The client cannot know that, and does
// not charge again by itself.
func ExampleServer_Inject() {
	srv, client, call, sid := open(paymentstest.WithCaller(paymentstest.VisaCaller()))
	defer srv.Close()
	srv.Inject(paymentstest.On(paymentstest.Complete, 1, paymentstest.Reset().AfterCommit()))
	for _, capture := range []payments.Capture{
		payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode,
	} {
		check(update(client, call, sid, payments.UpdateParams{Capture: capture}))
		check(srv.Wait(context.Background()))
	}
	err := update(client, call, sid, payments.UpdateParams{Status: payments.StatusComplete})
	var e *payments.Error
	fmt.Println("outcome unknown:", errors.As(err, &e) && e.OutcomeUnknown())

	// The same key again: Twilio repeats the first response and charges nothing.
	err = update(client, call, sid, payments.UpdateParams{Status: payments.StatusComplete, IdempotencyKey: e.IdempotencyKey})
	fmt.Println("again:", err)
	requests := srv.Requests()
	for _, r := range requests[len(requests)-2:] {
		fmt.Printf("attempt %d: status %d, committed %t, replayed %t, fault %q\n", r.Attempt, r.Status, r.Committed, r.Replayed, r.Fault)
	}
	fmt.Println(len(srv.Charges()), "charge")
	// Output:
	// outcome unknown: true
	// again: <nil>
	// attempt 1: status 0, committed true, replayed false, fault "reset after commit"
	// attempt 2: status 202, committed false, replayed true, fault ""
	// 1 charge
}

// Every callback is delivered twice; the handler detects the duplicates.
func ExampleServer_Deliver() {
	srv, client, call, sid := open(paymentstest.WithCaller(paymentstest.VisaCaller()))
	defer srv.Close()
	check(srv.Wait(context.Background()))
	srv.Deliver(func(paymentstest.Callback) paymentstest.Delivery { return paymentstest.Twice() })
	results := 0
	handler, err := callback.NewHandler(func(_ context.Context, e callback.Event) error {
		if e.Kind == callback.Completed {
			results++
		}
		return nil
	}, callback.WithAuthTokens(srv.AuthToken()), callback.WithPublicURL("https://pay.example.com"))
	check(err)
	check(srv.Handle("https://pay.example.com/", handler))
	payWith(srv, client, call, sid)
	all := srv.Callbacks()
	fmt.Println(len(all[len(all)-1].Attempts), "deliveries of the result, handled", results, "time")
	// Output: 2 deliveries of the result, handled 1 time
}

// A clock that the test moves: the caller takes too long for the next digit.
func ExampleWithClock() {
	clock := paymentstest.NewManualClock(time.Date(2030, time.May, 1, 12, 0, 0, 0, time.UTC))
	srv, client, call, sid := open(paymentstest.WithClock(clock))
	defer srv.Close()
	check(update(client, call, sid, payments.UpdateParams{Capture: payments.CaptureExpirationDate}))
	check(call.Press("1"))
	clock.Advance(5 * time.Second)
	all := srv.Callbacks()
	fmt.Println(all[len(all)-1].Event.ErrorType)
	// Output: input-timeout
}

// What the application sent, and what it did.
func ExampleServer_Requests() {
	srv, client, call, sid := open()
	defer srv.Close()
	_ = update(client, call, sid, payments.UpdateParams{Status: payments.StatusComplete})
	for _, r := range srv.Requests() {
		fmt.Println(r.Operation, r.Form.Get("ChargeAmount"), r.Status, r.Code, r.Committed)
	}
	// Output:
	// create 49.90 201 0 true
	// complete  400 64019 false
}
