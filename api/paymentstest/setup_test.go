package paymentstest_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

const (
	callSID  = "CA00000000000000000000000000000001"
	otherSID = "CA00000000000000000000000000000002"
	callback = "https://pay.example.com/status"
)

// newClient is a client of srv that tries once.
func newClient(t testing.TB, srv *paymentstest.Server) *payments.Client {
	t.Helper()
	client, err := payments.NewClient(append(srv.ClientOptions(), payments.WithMaxRetries(0))...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// raw is a request as a client of another make would send it.
type raw struct {
	method, path, user, password, contentType, body string
}

func createOn(srv *paymentstest.Server, call string) raw {
	return raw{
		path: "/2010-04-01/Accounts/" + srv.AccountSID() + "/Calls/" + call + "/Payments.json",
		user: srv.AccountSID(), password: srv.AuthToken(),
		body: url.Values{"IdempotencyKey": {"key"}, "StatusCallback": {callback}}.Encode(),
	}
}

func (r raw) send(t testing.TB, srv *paymentstest.Server) (*http.Response, string, error) {
	t.Helper()
	if r.method == "" {
		r.method = http.MethodPost
	}
	if r.contentType == "" {
		r.contentType = "application/x-www-form-urlencoded"
	}
	req, err := http.NewRequestWithContext(t.Context(), r.method, srv.URL+r.path, strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", r.contentType)
	if r.user != "" {
		req.SetBasicAuth(r.user, r.password)
	}
	resp, err := srv.Client().Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

func stringsReader(s string) io.Reader { return strings.NewReader(s) }

// waitUntil polls for what happens on another goroutine over a real socket.
func waitUntil(t testing.TB, holds func() bool) {
	t.Helper()
	for ctx := t.Context(); !holds(); {
		select {
		case <-ctx.Done():
			t.Fatal("never happened")
		case <-time.After(time.Millisecond):
		}
	}
}
