package scenario_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/scenario"
)

// Play a scenario without an application.
func Example() {
	sc, err := scenario.Parse("declined.json", []byte(`{
		"title": "the gateway declines", // comments are fine
		"payment": {"ChargeAmount": "49.90", "PostalCode": false},
		"gateway": [{"verdict": "decline", "code": 64008}],
		"expect": {"results": ["success"]},
	}`))
	check(err)
	srv, err := paymentstest.Start(paymentstest.InMemory())
	check(err)
	defer srv.Close()
	report, err := sc.Run(context.Background(), srv)
	check(err)
	for _, step := range report.Steps {
		fmt.Println(step)
	}
	fmt.Println(report.Err())
	// Output:
	// create: accepted
	// capture payment-card-number: captured payment-card-number
	// capture expiration-date: captured expiration-date
	// capture security-code: captured security-code
	// complete: ended payment-connector-error 64008
	// scenario declined: results
	//   want success
	//   got  payment-connector-error 64008
}

// Test an application, which sends the requests itself; the scenario plays the caller
// and checks the result. This application charges the call twice.
func ExampleScenario_Check() {
	sc, err := scenario.Find("happy-path")
	check(err)
	ctx := context.Background()
	srv, err := paymentstest.Start(sc.Options()...)
	check(err)
	defer srv.Close()
	client, err := payments.NewClient(srv.ClientOptions()...)
	check(err)
	check(srv.Handle("https://pay.example.com/", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))

	call := srv.NewCall()
	for range 2 {
		s, err := client.Create(ctx, call.SID, payments.CreateParams{StatusCallback: statusURL, ChargeAmount: "49.90"})
		check(err)
		for _, p := range []payments.UpdateParams{
			{Capture: payments.CapturePaymentCardNumber}, {Capture: payments.CaptureExpirationDate},
			{Capture: payments.CaptureSecurityCode}, {Capture: payments.CapturePostalCode}, {Status: payments.StatusComplete},
		} {
			p.StatusCallback = statusURL
			_, err = client.Update(ctx, call.SID, s.SID, p)
			check(err)
			check(srv.Wait(ctx))
		}
	}
	report, err := sc.Check(ctx, srv)
	check(err)
	for _, c := range report.Checks {
		if c.Name == "charges" {
			fmt.Println(c)
		}
	}
	// Output:
	// charges
	//   want * * visa 1111
	//   got  49.90 USD visa 1111, 49.90 USD visa 1111
}

// Errors name the line and the field.
func ExampleError() {
	_, err := scenario.Parse("my.json", []byte(`{
		"caller": {"security-code": ["good", "wrong"]}
	}`))
	fmt.Println(err)
	// Output:
	// my.json:2: caller.security-code[1]: must be keys to press, or good, visa, mastercard, amex, discover, diners-club, jcb, unionpay, maestro, too-short, other, nothing, unfinished, star or hang-up
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
