package payments_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

const (
	accountSID = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	callSID    = "CAbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	paymentSID = "PKcccccccccccccccccccccccccccccccc"
	keySID     = "SKdddddddddddddddddddddddddddddddd"
	authToken  = "marked-auth-token"
	callback   = "https://pay.example.com/status?token=marked-callback"

	sessionJSON = `{"account_sid":"` + accountSID + `","call_sid":"` + callSID + `","sid":"` + paymentSID + `",` +
		`"date_created":"Wed, 18 Dec 2019 20:02:01 +0000","date_updated":"Wed, 18 Dec 2019 20:02:02 +0000",` +
		`"uri":"/2010-04-01/Accounts/` + accountSID + `/Calls/` + callSID + `/Payments/` + paymentSID + `.json"}`
)

// received is a request as the server saw it.
type received struct {
	Method, Path, RawPath, Body string
	Header                      http.Header
	Form                        url.Values
}

// server records requests and responds to each with one step; the last step
// repeats.
type server struct {
	*httptest.Server
	opened   atomic.Int64 // connections
	mu       sync.Mutex
	requests []received
}

func (s *server) all() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.requests...)
}

func newServer(t testing.TB, steps ...http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(body))
		s.mu.Lock()
		n := min(len(s.requests), len(steps)-1)
		s.requests = append(s.requests, received{r.Method, r.URL.Path, r.RequestURI, string(body), r.Header, form})
		s.mu.Unlock()
		steps[n](w, r)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.opened.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func newClient(t testing.TB, base string, opts ...payments.Option) *payments.Client {
	t.Helper()
	client, err := payments.NewClient(append([]payments.Option{
		payments.WithCredentials(accountSID, authToken), payments.WithBaseURL(base),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// respond returns a step that sends a status, a body and header pairs.
func respond(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func created(w http.ResponseWriter, r *http.Request) {
	respond(http.StatusCreated, sessionAt(r.URL.Path))(w, r)
}

func accepted(w http.ResponseWriter, r *http.Request) {
	respond(http.StatusAccepted, sessionAt(r.URL.Path))(w, r)
}

// sessionAt returns the session of the account and call in a request's path.
func sessionAt(path string) string {
	_, path, _ = strings.Cut(path, "/Accounts/")
	account, path, _ := strings.Cut(path, "/Calls/")
	call, _, _ := strings.Cut(path, "/")
	return strings.NewReplacer(accountSID, account, callSID, call).Replace(sessionJSON)
}

// success is a step for either operation.
func success(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/Payments.json") {
		created(w, r)
		return
	}
	accepted(w, r)
}

// roundTrip is an in-process transport, for tests with exact time. It reads the
// request's body and returns what f returns.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	return f(r)
}

// unsent is an in-process transport that does not read the body itself.
type unsent func(*http.Request) (*http.Response, error)

func (f unsent) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func response(status int, body string, header ...string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

// The operations of the API, each with valid parameters.
var operations = map[string]func(context.Context, *payments.Client, ...payments.Option) (*payments.Session, error){
	"create": func(ctx context.Context, c *payments.Client, opts ...payments.Option) (*payments.Session, error) {
		return c.Create(ctx, callSID, payments.CreateParams{StatusCallback: callback}, opts...)
	},
	"capture": func(ctx context.Context, c *payments.Client, opts ...payments.Option) (*payments.Session, error) {
		return c.Update(ctx, callSID, paymentSID, payments.UpdateParams{StatusCallback: callback, Capture: payments.CaptureSecurityCode}, opts...)
	},
	"complete": func(ctx context.Context, c *payments.Client, opts ...payments.Option) (*payments.Session, error) {
		return c.Update(ctx, callSID, paymentSID, payments.UpdateParams{StatusCallback: callback, Status: payments.StatusComplete}, opts...)
	},
	"cancel": func(ctx context.Context, c *payments.Client, opts ...payments.Option) (*payments.Session, error) {
		return c.Update(ctx, callSID, paymentSID, payments.UpdateParams{StatusCallback: callback, Status: payments.StatusCancel}, opts...)
	},
}
