package paymentstest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

const (
	callSID   = "CA00000000000000000000000000000001"
	otherSID  = "CA00000000000000000000000000000002"
	statusURL = "https://pay.example.com/status"
)

// newClient is a client of srv that does not retry.
func newClient(t testing.TB, srv *paymentstest.Server) *payments.Client {
	t.Helper()
	client, err := payments.NewClient(append(srv.ClientOptions(), payments.WithMaxRetries(0))...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// raw is a request as another client would send it.
type raw struct {
	method, path, user, password, contentType, body string
}

func createOn(srv *paymentstest.Server, call string) raw {
	return raw{
		path: "/2010-04-01/Accounts/" + srv.AccountSID() + "/Calls/" + call + "/Payments.json",
		user: srv.AccountSID(), password: srv.AuthToken(),
		body: url.Values{"IdempotencyKey": {"key"}, "StatusCallback": {statusURL}}.Encode(),
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

// waitUntil polls for something that another goroutine does over a real socket.
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

// fakeTB records what a server reports to the test.
type fakeTB struct {
	testing.TB
	mu       sync.Mutex
	errors   []string
	notes    []string
	fatal    string
	cleanups []func()
}

func (f *fakeTB) Helper()          {}
func (f *fakeTB) Cleanup(c func()) { f.cleanups = append(f.cleanups, c) }

func (f *fakeTB) Errorf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errors = append(f.errors, fmt.Sprintf(format, args...))
}

func (f *fakeTB) Logf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.notes = append(f.notes, fmt.Sprintf(format, args...))
}

func (f *fakeTB) Fatalf(format string, args ...any) { f.fatal = fmt.Sprintf(format, args...) }

func (f *fakeTB) cleanup() {
	for _, c := range f.cleanups {
		c()
	}
}
