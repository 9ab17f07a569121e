// Package twiliogo checks that twilio-go works against paymentstest unchanged,
// and that its validator accepts the callbacks.
package twiliogo

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/twilio/twilio-go"
	"github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// elsewhere sends requests for Twilio to the simulator: only scheme and host
// change.
type elsewhere struct {
	to   *url.URL
	next http.RoundTripper
}

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" || r.URL.Host != "api.twilio.com" {
		return nil, errors.New("not meant for Twilio: " + r.URL.Host)
	}
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.Host = e.to.Scheme, e.to.Host, e.to.Host
	return e.next.RoundTrip(r)
}

func twilioGo(t *testing.T, s *paymentstest.Server) *twilio.RestClient {
	t.Helper()
	to, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	base := &client.Client{
		Credentials: client.NewCredentials(s.AccountSID(), s.AuthToken()),
		HTTPClient:  &http.Client{Transport: elsewhere{to, s.Client().Transport}},
	}
	base.SetAccountSid(s.AccountSID())
	return twilio.NewRestClientWithParams(twilio.ClientParams{Client: base})
}

// receiver is an application that checks callbacks with the vendor's validator.
type receiver struct {
	url       string
	validator client.RequestValidator

	mu               sync.Mutex
	accepted, forged int
	refused          []string
	results          []string
}

func newReceiver(t *testing.T, token string) *receiver {
	t.Helper()
	r := &receiver{validator: client.NewRequestValidator(token)}
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	r.url = s.URL + "/status?order=4711&note=a%20b"
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	signature := request.Header.Get("X-Twilio-Signature")
	form, _ := url.ParseQuery(string(body))
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := "http://" + request.Host + request.RequestURI
	if err != nil || !r.validator.ValidateBody(seen, body, signature) {
		r.refused = append(r.refused, seen+" "+string(body))
	} else {
		r.accepted++
	}
	if r.validator.ValidateBody(seen, append(body, "&Forged=1"...), signature) || r.validator.ValidateBody(seen+"1", body, signature) {
		r.forged++
	}
	if result := form.Get("Result"); result != "" {
		r.results = append(r.results, result)
	}
	w.WriteHeader(http.StatusNoContent)
}

// twilio-go creates a session, captures what is required, and completes it.
func TestTwilioGoTakesAPayment(t *testing.T) {
	t.Parallel()
	s := paymentstest.NewServer(t, paymentstest.WithCaller(paymentstest.VisaCaller()))
	r := newReceiver(t, s.AuthToken())
	payments := twilioGo(t, s).Api
	call := s.NewCall().SID

	created, err := payments.CreatePayments(call, (&api.CreatePaymentsParams{}).
		SetIdempotencyKey("create").SetStatusCallback(r.url).SetChargeAmount(49.9).SetCurrency("USD").
		SetPaymentMethod("credit-card").SetSecurityCode(true).SetPostalCode(false).
		SetParameter(map[string]any{"order": "4711"}))
	if err != nil {
		t.Fatal(err)
	}
	if created.Sid == nil || created.CallSid == nil || *created.CallSid != call || created.DateCreated == nil {
		t.Fatalf("created %+v", created)
	}
	for _, capture := range []string{"payment-card-number", "expiration-date", "security-code"} {
		updated, err := payments.UpdatePayments(call, *created.Sid, (&api.UpdatePaymentsParams{}).
			SetIdempotencyKey("capture "+capture).SetStatusCallback(r.url).SetCapture(capture))
		if err != nil || *updated.Sid != *created.Sid {
			t.Fatalf("%s: %+v, %v", capture, updated, err)
		}
		if err := s.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := payments.UpdatePayments(call, *created.Sid, (&api.UpdatePaymentsParams{}).
		SetIdempotencyKey("complete").SetStatusCallback(r.url).SetStatus("complete")); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}

	if charges := s.Charges(); len(charges) != 1 || !charges[0].Amount.Equal("49.90") || charges[0].Parameter.Get("order") != "4711" {
		t.Errorf("charges %+v, want one of 49.90", charges)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.refused) > 0 || r.accepted != len(s.Callbacks()) || r.accepted < 5 || r.forged > 0 {
		t.Errorf("of %d callbacks its validator accepted %d, refused %q, and accepted %d forged ones", len(s.Callbacks()), r.accepted, r.refused, r.forged)
	}
	if strings.Join(r.results, " ") != "success" {
		t.Errorf("results %v, want one success", r.results)
	}
	t.Logf("| twilio-go %s: 1 session, 3 captures, 1 charge; its validator accepted %d of %d callbacks", client.LibraryVersion, r.accepted, len(s.Callbacks()))
}

// twilio-go reads the simulator's refusals as it reads Twilio's.
func TestTwilioGoReadsRefusals(t *testing.T) {
	t.Parallel()
	s := paymentstest.NewServer(t)
	payments := twilioGo(t, s).Api
	params := (&api.CreatePaymentsParams{}).SetStatusCallback("http://127.0.0.1:1/status")
	call := s.NewCall().SID
	created, err := payments.CreatePayments(call, params.SetIdempotencyKey("1"))
	if err != nil {
		t.Fatal(err)
	}
	_, second := payments.CreatePayments(call, params.SetIdempotencyKey("2"))
	_, early := payments.UpdatePayments(call, *created.Sid, (&api.UpdatePaymentsParams{}).
		SetIdempotencyKey("3").SetStatusCallback("http://127.0.0.1:1/status").SetStatus("complete"))
	_, unknown := payments.UpdatePayments(call, "PK"+strings.Repeat("0", 32), (&api.UpdatePaymentsParams{}).
		SetIdempotencyKey("4").SetStatusCallback("http://127.0.0.1:1/status").SetStatus("cancel"))
	for want, err := range map[int]error{64021: second, 64019: early, 20404: unknown} {
		var refusal *client.TwilioRestError
		if !errors.As(err, &refusal) || refusal.Code != want || refusal.Status < 400 {
			t.Errorf("%v, want code %d", err, want)
		}
	}
}
