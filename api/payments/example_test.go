package payments_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	statuscallback "github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// exampleClient talks to a server that responds to the requests with steps.
func exampleClient(steps ...http.HandlerFunc) (*payments.Client, func()) {
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		steps[min(n, len(steps)-1)](w, r)
		n++
	}))
	client, err := payments.NewClient(payments.WithCredentials(accountSID, authToken), payments.WithBaseURL(server.URL))
	if err != nil {
		panic(err)
	}
	return client, server.Close
}

// shop runs a payment session on a simulated Twilio and collects the status
// callbacks that its handler receives.
type shop struct {
	srv    *paymentstest.Server
	client *payments.Client
	events chan statuscallback.Event
	status string // the StatusCallback
	call   string
	sid    string
}

func openShop(opts ...paymentstest.Option) *shop {
	srv, err := paymentstest.Start(opts...)
	if err != nil {
		panic(err)
	}
	s := &shop{srv: srv, events: make(chan statuscallback.Event, 100), status: "https://pay.example.com/status", call: srv.NewCall().SID}
	handler, err := statuscallback.NewHandler(func(_ context.Context, e statuscallback.Event) error {
		s.events <- e
		return nil
	}, statuscallback.WithAuthTokens(srv.AuthToken()), statuscallback.WithPublicURL("https://pay.example.com"))
	if err != nil {
		panic(err)
	}
	if err := srv.Handle(s.status, handler); err != nil {
		panic(err)
	}
	if s.client, err = payments.NewClient(srv.ClientOptions()...); err != nil {
		panic(err)
	}
	session, err := s.client.Create(context.Background(), s.call, payments.CreateParams{StatusCallback: s.status, ChargeAmount: "49.90", PostalCode: new(false)})
	if err != nil {
		panic(err)
	}
	s.sid = session.SID
	return s
}

// enterCard captures all fields of a card.
func (s *shop) enterCard() {
	for _, capture := range []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode} {
		if _, err := s.client.Update(context.Background(), s.call, s.sid, payments.UpdateParams{StatusCallback: s.status, Capture: capture}); err != nil {
			panic(err)
		}
		if err := s.srv.Wait(context.Background()); err != nil {
			panic(err)
		}
	}
}

func (s *shop) close() { s.srv.Close() }

func ExampleClient_Create() {
	client, done := exampleClient(success)
	defer done()

	session, err := client.Create(context.Background(), callSID, payments.CreateParams{
		StatusCallback: "https://pay.example.com/status",
		ChargeAmount:   "49.90", // exact decimal text, never a float
		ValidCardTypes: []payments.CardType{payments.CardTypeVisa, payments.CardTypeAmex},
		PostalCode:     new(false), // false is sent; unset is not
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(session.SID)
	// Output: PKcccccccccccccccccccccccccccccccc
}

func ExampleClient_Create_ach() {
	client, done := exampleClient(success)
	defer done()

	session, err := client.Create(context.Background(), callSID, payments.CreateParams{
		StatusCallback:  "https://pay.example.com/status",
		ChargeAmount:    wire.MinorUnits(12000, 2),
		PaymentMethod:   payments.PaymentMethodACHDebit,
		BankAccountType: payments.BankAccountTypeConsumerSavings,
		Parameter:       wire.NewParameters(map[string]string{"AVSName": "Jane Doe"}),
	})
	fmt.Println(session.SID, err)
	// Output: PKcccccccccccccccccccccccccccccccc <nil>
}

// Ask the caller for one field after another; the status callback reports when an
// entry is complete. Package flow does the waiting; this example does without it.
func ExampleClient_Update() {
	shop := openShop(paymentstest.WithCaller(paymentstest.VisaCaller()))
	defer shop.close()
	ctx := context.Background()

	var state statuscallback.State
	for _, capture := range []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode} {
		_, err := shop.client.Update(ctx, shop.call, shop.sid, payments.UpdateParams{StatusCallback: shop.status, Capture: capture})
		if err != nil {
			fmt.Println(err)
			return
		}
		for over := false; !over; {
			e := <-shop.events
			if err := state.Apply(e); err != nil {
				fmt.Println(err)
				return
			}
			over = e.Capture == capture && !e.Partial()
			if over {
				fmt.Println(capture, "entered, missing", state.Missing())
			}
		}
	}
	_, err := shop.client.Update(ctx, shop.call, shop.sid, payments.UpdateParams{StatusCallback: shop.status, Status: payments.StatusComplete})
	if err != nil {
		fmt.Println(err)
		return
	}
	for !state.Completed() { // the response only means that complete was accepted
		if err := state.Apply(<-shop.events); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println("charged:", state.Succeeded())
	// Output:
	// payment-card-number entered, missing [expiration-date security-code]
	// expiration-date entered, missing [security-code]
	// security-code entered, missing []
	// charged: true
}

// An error says what it means, and whether Twilio may have acted.
func ExampleError() {
	client, done := exampleClient(respond(400, `{"code":64021,"message":"Pay session already started"}`, "Twilio-Request-Id", "RQ123"))
	defer done()

	_, err := client.Create(context.Background(), callSID, payments.CreateParams{StatusCallback: "https://pay.example.com/status"})
	var e *payments.Error
	if errors.As(err, &e) {
		fmt.Println(err)
		fmt.Println("in progress:", errors.Is(err, payments.ErrSessionInProgress), "outcome unknown:", e.OutcomeUnknown())
	}
	// Output:
	// payments: create: 400: code 64021: Pay session already started (request RQ123)
	// in progress: true outcome unknown: false
}

// When the response to create is lost, sending it again with the same key returns
// the same session and opens no second one.
func ExampleError_OutcomeUnknown() {
	srv, err := paymentstest.Start(paymentstest.WithFaults(paymentstest.On(paymentstest.Create, 1, paymentstest.Reset().AfterCommit())))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	client, err := payments.NewClient(append(srv.ClientOptions(), payments.WithMaxRetries(0))...)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, call := context.Background(), srv.NewCall().SID

	create := payments.CreateParams{StatusCallback: "https://pay.example.com/status", ChargeAmount: "49.90"}
	session, err := client.Create(ctx, call, create)
	if e, ok := errors.AsType[*payments.Error](err); ok && e.OutcomeUnknown() {
		create.IdempotencyKey = e.IdempotencyKey
		session, err = client.Create(ctx, call, create)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	requests := srv.Requests()
	fmt.Println("same session:", session.SID == requests[0].SID, "created again:", requests[1].Committed)
	// Output: same session: true created again: false
}

// When the response to complete is lost, do not send it again: Twilio may have
// charged, and the status callback reports it.
func ExampleError_OutcomeUnknown_complete() {
	shop := openShop(paymentstest.WithCaller(paymentstest.VisaCaller()),
		paymentstest.WithFaults(paymentstest.On(paymentstest.Complete, 1, paymentstest.Reset().AfterCommit())))
	defer shop.close()
	shop.enterCard()

	_, err := shop.client.Update(context.Background(), shop.call, shop.sid, payments.UpdateParams{StatusCallback: shop.status, Status: payments.StatusComplete})
	if e, ok := errors.AsType[*payments.Error](err); ok && e.OutcomeUnknown() {
		fmt.Println("outcome unknown: waiting for the callback")
	}
	for e := range shop.events {
		if e.Kind == statuscallback.Completed {
			fmt.Println("ended with", e.Result)
			break
		}
	}
	// Output:
	// outcome unknown: waiting for the callback
	// ended with success
}

// Invalid parameters are reported before anything is sent.
func ExampleValidationError() {
	client, done := exampleClient(success)
	defer done()

	_, err := client.Create(context.Background(), callSID, payments.CreateParams{StatusCallback: "/status", Timeout: 900})
	fmt.Println(err)
	var violation *payments.ValidationError
	fmt.Println(errors.As(err, &violation), violation.Field)
	// Output:
	// payments: create: StatusCallback must be an absolute http or https URL; Timeout must be from 0 to 600
	// true StatusCallback
}

func ExampleWithResponseInfo() {
	client, done := exampleClient(respond(429, "", "Retry-After", "1"), success)
	defer done()

	var info payments.ResponseInfo
	_, err := client.Create(context.Background(), callSID, payments.CreateParams{StatusCallback: "https://pay.example.com/status"}, payments.WithResponseInfo(&info))
	fmt.Println(err, info.Status)
	for _, attempt := range info.Attempts {
		fmt.Println(attempt.Status, attempt.Delay)
	}
	// Output:
	// <nil> 201
	// 429 1s
	// 201 0s
}

func ExampleNewClient() {
	// Without an option, the environment provides the credentials.
	client, err := payments.NewClient(
		payments.WithAPIKey("ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "SKdddddddddddddddddddddddddddddddd", "secret"),
		payments.WithRegion("ie1"),
		payments.WithAttemptTimeout(5*time.Second),
		payments.WithUserAgent("shop/2.1"),
	)
	fmt.Println(client, err)
	// Output: payments.Client(ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) <nil>
}
