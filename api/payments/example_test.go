package payments_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// exampleClient talks to a server that answers each request by steps.
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
		Parameter:       wire.Parameters{"AVSName": "Jane Doe"},
	})
	fmt.Println(session.SID, err)
	// Output: PKcccccccccccccccccccccccccccccccc <nil>
}

func ExampleClient_Update() {
	client, done := exampleClient(success)
	defer done()
	ctx := context.Background()

	for _, capture := range []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode} {
		// Wait for the status callback of each before asking for the next.
		if _, err := client.Update(ctx, callSID, paymentSID, payments.UpdateParams{StatusCallback: "https://pay.example.com/status", Capture: capture}); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("asked for", capture)
	}
	_, err := client.Update(ctx, callSID, paymentSID, payments.UpdateParams{StatusCallback: "https://pay.example.com/status", Status: payments.StatusComplete})
	fmt.Println("complete:", err)
	// Output:
	// asked for payment-card-number
	// asked for expiration-date
	// asked for security-code
	// complete: <nil>
}

// A refusal says what it means, and whether Twilio may have acted.
func ExampleError() {
	client, done := exampleClient(answer(400, `{"code":64021,"message":"Pay session already started"}`, "Twilio-Request-Id", "RQ123"))
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

// After an outage the caller holds all it needs to send the operation again.
func ExampleError_OutcomeUnknown() {
	client, done := exampleClient(answer(503, "<html>"), success)
	defer done()
	ctx := context.Background()

	complete := payments.UpdateParams{StatusCallback: "https://pay.example.com/status", Status: payments.StatusComplete}
	_, err := client.Update(ctx, callSID, paymentSID, complete)
	var e *payments.Error
	if errors.As(err, &e) && e.OutcomeUnknown() {
		// Best is to wait for the status callback, which tells. To send again:
		complete.IdempotencyKey = e.IdempotencyKey
		_, err = client.Update(ctx, callSID, paymentSID, complete)
		fmt.Println("sent again:", err)
	}
	// Output: sent again: <nil>
}

// What is wrong is named before anything is sent.
func ExampleValidationError() {
	client, done := exampleClient(success)
	defer done()

	_, err := client.Create(context.Background(), callSID, payments.CreateParams{StatusCallback: "/status", Timeout: 900})
	fmt.Println(err)
	var violation *payments.ValidationError
	fmt.Println(errors.As(err, &violation), violation.Field)
	// Output:
	// payments: create: StatusCallback must be an absolute http or https URL; Timeout must be from 0 to 600 seconds
	// true StatusCallback
}

func ExampleWithResponseInfo() {
	client, done := exampleClient(answer(429, "", "Retry-After", "1"), success)
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
	// Credentials come from TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or from
	// TWILIO_API_KEY and TWILIO_API_SECRET, unless an option names them.
	client, err := payments.NewClient(
		payments.WithAPIKey("ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "SKdddddddddddddddddddddddddddddddd", "secret"),
		payments.WithRegion("ie1"),
		payments.WithAttemptTimeout(5*time.Second),
		payments.WithUserAgent("shop/2.1"),
	)
	fmt.Println(client, err)
	// Output: payments.Client(ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) <nil>
}
