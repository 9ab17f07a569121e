package paymentstest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/internal/leak"
)

// TestJournalHoldsNoSecret runs many payments, good and bad, against an application
// that repeats everything it receives, and searches every entry and snapshot for
// secrets. The callers' security codes have only digits that base32 lacks: others
// occur by chance in an idempotency key.
func TestJournalHoldsNoSecret(t *testing.T) {
	t.Parallel()
	const token, subtoken, secret = "marked-token", "marked-subtoken", "marked-secret"
	card := []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode, payments.CapturePostalCode}
	ach := []payments.Capture{payments.CaptureBankRoutingNumber, payments.CaptureBankAccountNumber}
	for name, run := range map[string]struct {
		params   payments.CreateParams
		captures []payments.Capture
		caller   paymentstest.Caller
		digits   []string // of the caller, not to be found
		opts     []paymentstest.Option
	}{
		"charge": {payments.CreateParams{ChargeAmount: "49.90"}, card, paymentstest.CardCaller("4242424242424242", "1299", "919", "94109"), []string{"42424242424", "919"}, nil},
		"token":  {payments.CreateParams{}, card, paymentstest.CardCaller("378282246310005", "1299", "9191", "94109"), []string{"3782822463", "9191"}, nil},
		"twice": {payments.CreateParams{RequireMatchingInputs: []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureSecurityCode}},
			append([]payments.Capture{payments.CapturePaymentCardNumber, payments.CapturePaymentCardNumberMatcher, payments.CaptureSecurityCode, payments.CaptureSecurityCodeMatcher}, card[1], card[3]),
			paymentstest.CardCaller("4242424242424242", "1299", "919", "94109"), []string{"42424242424", "919"}, nil},
		"confirmed": {payments.CreateParams{ChargeAmount: "1", Confirmation: payments.ConfirmationTrue}, card, paymentstest.CardCaller("4242424242424242", "1299", "919", "94109"), []string{"42424242424", "919"}, nil},
		"bank account": {payments.CreateParams{PaymentMethod: payments.PaymentMethodACHDebit, Parameter: wire.NewParameters(map[string]string{"AVSName": "Ada"})}, ach,
			paymentstest.Answers(map[payments.Capture]string{payments.CaptureBankRoutingNumber: "121181976", payments.CaptureBankAccountNumber: "57575757"}), []string{"575757"}, nil},
		"wrong number": {payments.CreateParams{ChargeAmount: "1"}, card, paymentstest.CardCaller("4242424242424241", "1399", "73", "9"), []string{"42424242424"}, nil},
		"test mode":    {payments.CreateParams{ChargeAmount: "1"}, card, paymentstest.CardCaller("4111111111111111", "1299", "919", "94109"), []string{"41111111", "919"}, nil},
		"dashes": {payments.CreateParams{ChargeAmount: "1"}, card, paymentstest.CardCaller("4242424242424242", "1299", "919", "94109"), []string{"42424242424", "4242-4242", "919"},
			[]paymentstest.Option{paymentstest.WithAssumptions(paymentstest.Assumptions{DashedCardMask: true})}},
		"faults": {payments.CreateParams{ChargeAmount: "1"}, card, paymentstest.CardCaller("4242424242424242", "1299", "919", "94109"), []string{"42424242424", "919"}, []paymentstest.Option{
			paymentstest.WithFaults(paymentstest.On(paymentstest.Any, 1, paymentstest.HalfBody())), paymentstest.WithDelivery(func(paymentstest.Callback) paymentstest.Delivery { return paymentstest.Twice() })}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := paymentstest.NewServer(t, append(run.opts, paymentstest.InMemory(), paymentstest.LiveMode(), paymentstest.WithCaller(run.caller), paymentstest.AllowInvalidRequests(),
					paymentstest.WithCredentials(paymentstest.DefaultAccountSID, token), paymentstest.WithSubaccount("ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", subtoken),
					paymentstest.WithAPIKey("SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", secret))...)
				echo := func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					form, _ := url.ParseQuery(string(body))
					w.Header().Set("Location", "/?"+string(body))
					w.Header().Set("X-Secret", form.Get("PaymentToken"))
					_, _ = fmt.Fprintf(w, "%s %v %s", body, form, token)
					if form.Has("Result") { // across the point where the body is truncated
						_, _ = fmt.Fprintf(w, " %s %s", strings.Repeat(".", 4<<10-3*len(body)), body)
					}
				}
				if err := srv.Handle("https://pay.example.com/", http.HandlerFunc(echo)); err != nil {
					t.Fatal(err)
				}
				client, call := newClient(t, srv), srv.NewCall()
				p := run.params
				p.StatusCallback = statusURL
				s, err := client.Create(t.Context(), call.SID, p)
				if err != nil { // half a body: the session exists nevertheless
					s = &payments.Session{SID: srv.Snapshot().Sessions[0].SID}
				}
				for _, c := range run.captures {
					_, _ = client.Update(t.Context(), call.SID, s.SID, payments.UpdateParams{StatusCallback: statusURL, Capture: c})
					if err := srv.Wait(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				_, _ = client.Update(t.Context(), call.SID, s.SID, payments.UpdateParams{StatusCallback: statusURL, Status: payments.StatusComplete})
				if err := srv.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				_ = call.Press("98989")
				// What a confused client puts where none of it belongs.
				stray := createOn(srv, "4242424242424242")
				stray.body += "&PaymentCardNumber=4242424242424242&SecurityCode=919"
				_, _, _ = stray.send(t, srv)
				stray = createOn(srv, otherSID)
				stray.body, stray.password = stray.body+"&42424242424=42424242424", "marked-wrong"
				_, _, _ = stray.send(t, srv)
				if _, err := srv.Send(t.Context(), paymentstest.HandMade{URL: statusURL, Form: url.Values{
					"Sid": {s.SID}, "PaymentCardNumber": {"4242424242424242"}, "SecurityCode": {"919"}, "BankAccountNumber": {"57575757"}, "PaymentToken": {"marked-payment-token"}}}); err != nil {
					t.Fatal(err)
				}

				entries := srv.Entries(0, 1<<20)
				text, err := json.Marshal(struct {
					Entries  []paymentstest.Entry
					Snapshot paymentstest.Snapshot
				}{entries, srv.Snapshot()})
				if err != nil {
					t.Fatal(err)
				}
				secrets := append([]string{token, subtoken, secret, "marked-", "98989", "Authorization"}, run.digits...)
				for _, c := range srv.Charges() {
					secrets = append(secrets, c.ConfirmationCode)
				}
				for _, c := range srv.Tokens() {
					secrets = append(secrets, c.Token, c.ProfileID)
				}
				for _, found := range leak.Find(string(text), secrets...) {
					t.Errorf("the journal holds %s", found)
				}
				if len(entries) < 30 || !strings.Contains(string(text), `"Withheld"`) && !strings.Contains(string(text), `"withheld"`) {
					t.Errorf("%d entries: too few to search", len(entries))
				}
				var printed strings.Builder
				for _, e := range entries {
					for _, v := range []any{e, &e, e.Request, e.Response, e.Callback, e.Attempt} {
						fmt.Fprintf(&printed, "%v %+v %#v %s %d\n", v, v, v, v, v)
					}
					if e.Request != nil {
						fmt.Fprintf(&printed, "%+v\n", *e.Request)
					}
				}
				for _, found := range leak.Find(printed.String(), "pay.example.com", "IdempotencyKey", "Ada", "xxxx", "PaymentConnector") {
					t.Errorf("printed: %s", found)
				}
			})
		})
	}
}

// A value in the place of a SID is shown only if it is a SID by the contract.
func TestJournalShowsOnlySIDsInPaths(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t, paymentstest.AllowInvalidRequests())
	for call, want := range map[string]string{callSID: callSID, "XX" + callSID[2:]: "(not a SID)", "4111111111111111": "(not a SID)"} {
		r := createOn(srv, call)
		r.password = "wrong"
		if _, _, err := r.send(t, srv); err != nil {
			t.Fatal(err)
		}
		_, last := srv.EntryRange()
		path := srv.Entries(last-2, 1)[0].Request.Path
		if got := strings.Split(path, "/")[5]; got != want {
			t.Errorf("call %s is shown as %s in %s, want %s", call, got, path, want)
		}
	}
}
