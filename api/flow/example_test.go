package flow_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// A whole payment. The simulated caller mistypes the card number once.
func Example() {
	srv, err := paymentstest.Start(paymentstest.WithCaller(clumsy))
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	client, err := payments.NewClient(srv.ClientOptions()...)
	if err != nil {
		log.Fatal(err)
	}
	bus, err := flow.NewMemory()
	if err != nil {
		log.Fatal(err)
	}
	handler, err := flow.Handler(bus, callback.WithAuthTokens(srv.AuthToken()), callback.WithPublicURL("https://pay.example.com"))
	if err != nil {
		log.Fatal(err)
	}
	if err := srv.Handle("https://pay.example.com/status", handler); err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	f, err := flow.Start(ctx, client, bus, srv.NewCall().SID, payments.CreateParams{
		ChargeAmount: "49.90", PostalCode: new(false), StatusCallback: "https://pay.example.com/status#rc=5&rp=all",
	})
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	for _, field := range []payments.Capture{
		payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode,
	} {
		entry, err := f.Capture(ctx, field)
		for refused := (*flow.EntryError)(nil); errors.As(err, &refused) && refused.Again; {
			fmt.Println("Please enter it again:", refused.Type)
			entry, err = f.Capture(ctx, field)
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(field, entry.Entered)
	}
	result, err := f.Complete(ctx)
	switch {
	case errors.Is(err, payments.ErrDeclined):
		fmt.Println("The card was declined.")
	case err != nil:
		log.Fatal(err)
	default:
		fmt.Println("Paid with", result.CardType.Reveal(), result.CardNumber.Reveal())
	}
	// Output:
	// Please enter it again: invalid-card-number
	// payment-card-number xxxxxxxxxxxx1111
	// expiration-date 1299
	// security-code xxx
	// Paid with visa xxxxxxxxxxxx1111
}

func clumsy(c *paymentstest.Call, p paymentstest.Prompt) {
	if p.Capture == payments.CapturePaymentCardNumber && p.Times == 1 {
		_ = c.Enter("4111 1111 1111 1112")
		return
	}
	paymentstest.VisaCaller()(c, p)
}

// Ask for the card number, and then for whatever Twilio reports as missing.
func ExampleFlow_State() {
	shop := openShop(paymentstest.WithCaller(clumsy))
	defer shop.close()
	ctx := context.Background()
	fields := []payments.Capture{payments.CapturePaymentCardNumber}
	for len(fields) > 0 {
		_, err := shop.flow.Capture(ctx, fields[0])
		if refused, ok := errors.AsType[*flow.EntryError](err); ok && refused.Again {
			fmt.Println(refused.Capture, "refused:", refused.Type)
		} else if err != nil {
			log.Fatal(err)
		}
		fields = shop.flow.State().Missing
		fmt.Println("missing", fields)
	}
	fmt.Println("ready", shop.flow.State().Ready)
	// Output:
	// payment-card-number refused: invalid-card-number
	// missing [payment-card-number expiration-date security-code]
	// missing [expiration-date security-code]
	// missing [security-code]
	// missing []
	// ready true
}

// Events are what the agent's screen shows, on the machine it is connected to,
// while another machine runs the steps.
func ExampleFlow_Events() {
	shop := openShop(paymentstest.WithCaller(paymentstest.VisaCaller()))
	defer shop.close()
	ctx := context.Background()
	s := shop.flow.Session()
	screen, err := flow.Resume(ctx, shop.client, shop.bus, s.AccountSID, s.CallSID, s.SID)
	if err != nil {
		log.Fatal(err)
	}
	defer screen.Close()
	go func() {
		_, _ = shop.flow.Capture(ctx, payments.CaptureExpirationDate)
		_ = shop.flow.Cancel(ctx)
	}()
	for p := range screen.Events(ctx) {
		fmt.Println(p.Number, cmp.Or(string(p.Result), p.Entered, string(p.Capture), string(p.Kind)))
	}
	// Output:
	// 1 started
	// 2 expiration-date
	// 3 1
	// 4 12
	// 5 129
	// 6 1299
	// 7 1299
	// 8 transaction-cancelled
}

// A machine hangs in the middle of a capture, and another continues it.
func ExampleResume() {
	shop := openShop()
	defer shop.close()
	ctx := context.Background()
	go func() {
		_, _ = shop.flow.Capture(ctx, payments.CapturePaymentCardNumber) // does not return before the entry
	}()
	s := shop.flow.Session()
	call := shop.srv.Call(s.CallSID)
	if err := call.Await(ctx, payments.CapturePaymentCardNumber); err != nil {
		log.Fatal(err)
	}

	f, err := flow.Resume(ctx, shop.client, shop.bus, s.AccountSID, s.CallSID, s.SID, flow.WithTakeOver())
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	fmt.Println("the caller is asked for", f.State().Asking)
	go func() { _ = call.Enter("4111 1111 1111 1111") }()
	card, err := f.Capture(ctx, payments.CapturePaymentCardNumber)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("and has entered", card.Entered)
	// Output:
	// the caller is asked for payment-card-number
	// and has entered xxxxxxxxxxxx1111
}

// shop is a back end with a session that has just been started, for examples.
type shop struct {
	srv    *paymentstest.Server
	client *payments.Client
	bus    *flow.Memory
	flow   *flow.Flow
}

// openShop starts a session that returns a token.
func openShop(opts ...paymentstest.Option) *shop {
	s := newShop(opts...)
	s.flow = s.start(payments.CreateParams{PostalCode: new(false), StatusCallback: "https://pay.example.com/status"})
	if err := s.srv.Wait(context.Background()); err != nil {
		log.Fatal(err)
	}
	return s
}

func newShop(opts ...paymentstest.Option) *shop {
	srv, err := paymentstest.Start(opts...)
	if err != nil {
		log.Fatal(err)
	}
	client, err := payments.NewClient(srv.ClientOptions()...)
	if err != nil {
		log.Fatal(err)
	}
	bus, err := flow.NewMemory()
	if err != nil {
		log.Fatal(err)
	}
	handler, err := flow.Handler(bus, callback.WithAuthTokens(srv.AuthToken()), callback.WithPublicURL("https://pay.example.com"))
	if err != nil {
		log.Fatal(err)
	}
	if err := srv.Handle("https://pay.example.com/status", handler); err != nil {
		log.Fatal(err)
	}
	return &shop{srv: srv, client: client, bus: bus}
}

// start starts a session on a new call.
func (s *shop) start(p payments.CreateParams, opts ...flow.Option) *flow.Flow {
	f, err := flow.Start(context.Background(), s.client, s.bus, s.srv.NewCall().SID, p, opts...)
	if err != nil {
		log.Fatal(err)
	}
	return f
}

func (s *shop) close() {
	_ = s.flow.Close()
	s.srv.Close()
	_ = s.bus.Close()
}
