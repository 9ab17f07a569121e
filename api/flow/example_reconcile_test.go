package flow_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// What a program prints for the person on call. Two sessions were started an
// hour ago: one was abandoned, and the outcome of the other is unknown.
func ExampleUnfinished() {
	shop := openNight()
	defer shop.close()
	ctx := context.Background()

	q := flow.Query{OlderThan: 30 * time.Minute}
	for {
		page, err := flow.Unfinished(ctx, shop.bus, q)
		if err != nil {
			log.Fatal(err)
		}
		for _, s := range page.Sessions {
			switch {
			case s.Err != nil:
				fmt.Println("cannot be read:", s.Err)
			case s.Completing:
				fmt.Println("outcome unknown, find", strings.TrimRight(s.Reference, "0123456789abcdef")+"… at the gateway")
			default:
				fmt.Println("abandoned, nothing was charged")
			}
		}
		if q.After = page.Next; q.After == "" {
			return
		}
	}
	// Output:
	// abandoned, nothing was charged
	// outcome unknown, find twiliopay-… at the gateway
}

// The gateway has a charge with the reference of the session. All machines get
// the outcome, and nothing is sent to Twilio.
func ExampleReconcile() {
	shop := openNight()
	defer shop.close()
	ctx := context.Background()
	charges := map[string]string{shop.flow.Reference(): "ch_8f3a"} // charges at the gateway

	done, err := flow.Reconcile(ctx, shop.bus, flow.Query{}, func(ctx context.Context, s flow.OpenSession) (flow.Outcome, error) {
		if id, found := charges[s.Reference]; found {
			return flow.Charged(id), nil
		}
		return flow.NotCharged(), nil
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range done {
		fmt.Println("settled:", r.Outcome)
	}
	result, err := shop.flow.Complete(ctx) // sends nothing
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.ConfirmationCode.Reveal(), result.Reconciled)
	// Output:
	// settled: charged
	// ch_8f3a true
}

// openNight is a shop with two unfinished sessions: an hour ago one was
// started, and another completed without a response and without a callback.
func openNight() *shop {
	s, ctx := newShop(paymentstest.WithCaller(paymentstest.VisaCaller())), context.Background()
	start := func() *flow.Flow {
		return s.start(payments.CreateParams{
			ChargeAmount: "49.90", PostalCode: new(false), SecurityCode: new(false), StatusCallback: "https://pay.example.com/status",
		}, flow.WithReferenceInDescription(), flow.WithClock(func() time.Time { return time.Now().Add(-time.Hour) }), flow.WithPatience(time.Millisecond))
	}
	_ = start().Close()
	s.flow = start()
	for _, field := range []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureExpirationDate} {
		if _, err := s.flow.Capture(ctx, field); err != nil {
			log.Fatal(err)
		}
	}
	s.srv.Inject(paymentstest.On(paymentstest.Complete, 1, paymentstest.Reset()))
	if _, err := s.flow.Complete(ctx); !errors.Is(err, flow.ErrOutcomeUnknown) {
		log.Fatal(err)
	}
	return s
}
