package payments_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/internal/golden"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	s := newServer(t, created)
	session, err := newClient(t, s.URL).Create(context.Background(), callSID, payments.CreateParams{
		IdempotencyKey: "key-1", StatusCallback: callback, ChargeAmount: "49.90",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := payments.Session{
		SID: paymentSID, CallSID: callSID, AccountSID: accountSID,
		URI:         "/2010-04-01/Accounts/" + accountSID + "/Calls/" + callSID + "/Payments/" + paymentSID + ".json",
		DateCreated: wire.Time{Time: time.Date(2019, 12, 18, 20, 2, 1, 0, time.UTC)},
		DateUpdated: wire.Time{Time: time.Date(2019, 12, 18, 20, 2, 2, 0, time.UTC)},
	}
	if diff := cmp.Diff(want, *session); diff != "" {
		t.Error(diff)
	}
	got := s.all()[0]
	if got.Method != "POST" || got.RawPath != "/2010-04-01/Accounts/"+accountSID+"/Calls/"+callSID+"/Payments.json" {
		t.Errorf("sent %s (want POST) %s", got.Method, got.RawPath)
	}
	testHeader(t, got, "Content-Type", "application/x-www-form-urlencoded")
	testHeader(t, got, "Accept", "application/json")
	testHeader(t, got, "Authorization", "Basic QUNhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYTptYXJrZWQtYXV0aC10b2tlbg==")
	if agent := got.Header.Get("User-Agent"); !regexp.MustCompile(`^twiliopay-go/\d+\.\d+\.\d+ \(\w+ \w+\) go\S+$`).MatchString(agent) {
		t.Errorf("User-Agent is %q", agent)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	s := newServer(t, accepted)
	session, err := newClient(t, s.URL+"/base").Update(context.Background(), callSID, paymentSID, payments.UpdateParams{
		IdempotencyKey: "key-2", StatusCallback: callback, Capture: payments.CaptureExpirationDate,
	})
	if err != nil || session.SID != paymentSID {
		t.Fatal(session, err)
	}
	got := s.all()[0]
	if got.Method != "POST" || got.RawPath != "/base/2010-04-01/Accounts/"+accountSID+"/Calls/"+callSID+"/Payments/"+paymentSID+".json" {
		t.Errorf("sent %s (want POST) %s", got.Method, got.RawPath)
	}
	if want := "Capture=expiration-date&IdempotencyKey=key-2&StatusCallback=https%3A%2F%2Fpay.example.com%2Fstatus%3Ftoken%3Dmarked-callback"; got.Body != want {
		t.Errorf("sent %s, want %s", got.Body, want)
	}
}

// TestPaths checks the path of each operation below base URLs that have a path,
// also with escapes and with text that looks like a SID.
func TestPaths(t *testing.T) {
	t.Parallel()
	const zeros = "00000000000000000000000000000000"
	calls := "/2010-04-01/Accounts/" + accountSID + "/Calls/" + callSID + "/Payments"
	for _, base := range []string{"", "/base", "/a%2Fb%20c", "/CA" + zeros + "/PK" + zeros, "/" + accountSID + "%2F" + callSID} {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			created, accepted := newServer(t, created), newServer(t, accepted)
			if _, err := newClient(t, created.URL+base).Create(t.Context(), callSID, payments.CreateParams{StatusCallback: callback}); err != nil {
				t.Error(err)
			}
			if _, err := newClient(t, accepted.URL+base).Update(t.Context(), callSID, paymentSID, payments.UpdateParams{StatusCallback: callback, Capture: payments.CaptureExpirationDate}); err != nil {
				t.Error(err)
			}
			if got, want := created.all()[0].RawPath, base+calls+".json"; got != want {
				t.Errorf("create sent to %s, want %s", got, want)
			}
			if got, want := accepted.all()[0].RawPath, base+calls+"/"+paymentSID+".json"; got != want {
				t.Errorf("update sent to %s, want %s", got, want)
			}
		})
	}
}

// full sets every field of the contract, including fields added later.
var full = golden.Full()

func TestKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t, success)
	client := newClient(t, s.URL)
	seen := map[string]bool{}
	for range 3 {
		for name, operate := range operations {
			if _, err := operate(context.Background(), client); err != nil {
				t.Fatal(name, err)
			}
		}
	}
	for _, r := range s.all() {
		key := r.Form.Get("IdempotencyKey")
		if len(key) < 26 || seen[key] {
			t.Errorf("key %q is short or was used before", key)
		}
		seen[key] = true
	}
}

func TestExtraParams(t *testing.T) {
	t.Parallel()
	s := newServer(t, created)
	client := newClient(t, s.URL)
	params := payments.CreateParams{IdempotencyKey: "k", StatusCallback: "https://a.example"}
	_, err := client.Create(context.Background(), callSID, params, payments.WithExtraParams(map[string][]string{"NewB": {"2", "3"}, "NewA": {"1 & 1"}}))
	if want := "IdempotencyKey=k&StatusCallback=https%3A%2F%2Fa.example&NewA=1+%26+1&NewB=2&NewB=3"; err != nil || s.all()[0].Body != want {
		t.Errorf("sent %s, %v, want %s", s.all()[0].Body, err, want)
	}
	for _, name := range []string{"ChargeAmount", "IdempotencyKey", "Confirmation", "chargeamount", "STATUSCALLBACK"} {
		_, err = client.Create(context.Background(), callSID, params, payments.WithExtraParams(map[string][]string{name: {"1"}}))
		var violation *payments.ValidationError
		if !errors.As(err, &violation) || violation.Field != name || !errors.Is(err, payments.ErrInvalidParams) {
			t.Errorf("a known field was accepted: %v, want payments.ErrInvalidParams", err)
		}
	}
	if _, err = client.Create(context.Background(), callSID, params, payments.WithExtraParams(map[string][]string{"": {"1"}})); !errors.Is(err, payments.ErrInvalidParams) {
		t.Errorf("an empty name was accepted: %v, want payments.ErrInvalidParams", err)
	}
	changing := map[string][]string{"New": {"as it was"}}
	option := payments.WithExtraParams(changing)
	changing["New"][0] = "changed"
	if _, err = client.Create(context.Background(), callSID, params, option); err != nil || s.all()[1].Form.Get("New") != "as it was" {
		t.Errorf("the caller's slice is not copied: %v", err)
	}
	if len(s.all()) != 2 {
		t.Error("a refused call was sent")
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := newServer(t, created)
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := newServer(t, respond(status, "", "Location", elsewhere.URL))
		follow := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
		_, err := operations["create"](context.Background(), newClient(t, s.URL, payments.WithHTTPClient(follow)))
		var e *payments.Error
		if !errors.As(err, &e) || e.Status != status {
			t.Errorf("status %d: %v, want an error with that status", status, err)
		}
		if follow.CheckRedirect(nil, nil) != nil {
			t.Error("the caller's client was changed")
		}
	}
	// With a timeout, requests go through http.Client, which parses Location.
	for _, h := range []*http.Client{{}, {Timeout: time.Minute}} {
		s := newServer(t, respond(302, "", "Location", "http://%zz marked"))
		_, err := operations["create"](context.Background(), newClient(t, s.URL, payments.WithHTTPClient(h)))
		if e := failure(t, err); e.Status != 302 || len(s.all()) != 1 || strings.Contains(err.Error(), "marked") {
			t.Errorf("a malformed Location, with a timeout of %v: %v", h.Timeout, err)
		}
	}
	if len(elsewhere.all()) != 0 {
		t.Error("a redirect was followed")
	}
}

func testHeader(t *testing.T, r received, name, want string) {
	t.Helper()
	if got := r.Header.Get(name); got != want {
		t.Errorf("%s is %q, want %q", name, got, want)
	}
}

// A response without account or call gets those of the request's path, also for a
// subaccount.
func TestResponseWithoutAccount(t *testing.T) {
	t.Parallel()
	s := newServer(t, respond(201, `{"sid":"`+paymentSID+`"}`))
	client := newClient(t, s.URL)
	for account, opts := range map[string][]payments.Option{accountSID: nil, otherAccount: {payments.WithAccount(otherAccount)}} {
		session, err := operations["create"](t.Context(), client, opts...)
		if err != nil || session.AccountSID != account || session.CallSID != callSID {
			t.Errorf("got %+v, %v, want account %s", session, err, account)
		}
	}
	_, err := operations["create"](t.Context(), newClient(t, newServer(t, respond(201, sessionJSON)).URL), payments.WithAccount(otherAccount))
	if e := failure(t, err); !e.OutcomeUnknown() || !strings.Contains(err.Error(), "another account") {
		t.Errorf("a session of the credentials' account: %v", err)
	}
}
