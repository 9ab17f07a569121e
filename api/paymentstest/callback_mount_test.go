package paymentstest_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// receiver keeps the state of a session as its callbacks report it.
type receiver struct {
	mu    sync.Mutex
	state callback.State
	seen  int
}

func (r *receiver) handler(t testing.TB, token string) http.Handler {
	t.Helper()
	h, err := callback.NewHandler(func(_ context.Context, e callback.Event) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.seen++
		return r.state.Apply(e)
	}, callback.WithAuthTokens(token), callback.WithHosts("pay.example.com", "pay.example.com:8080", "right.example.com", "wrong.example.com"), callback.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// pay runs a whole payment on a call of srv.
func pay(t testing.TB, srv *paymentstest.Server, statusCallback string, opts ...payments.Option) {
	t.Helper()
	client, call := newClient(t, srv), srv.NewCall()
	s, err := client.Create(t.Context(), call.SID, payments.CreateParams{StatusCallback: statusCallback, ChargeAmount: "5", PostalCode: new(false)}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []payments.UpdateParams{
		{Capture: payments.CapturePaymentCardNumber}, {Capture: payments.CaptureExpirationDate},
		{Capture: payments.CaptureSecurityCode}, {Status: payments.StatusComplete},
	} {
		p.StatusCallback = statusCallback
		if _, err := client.Update(t.Context(), call.SID, s.SID, p, opts...); err != nil {
			t.Fatal(err)
		}
		if err := srv.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// wantPaid checks that every callback was handled and that they report a success.
func (r *receiver) wantPaid(t testing.TB, srv *paymentstest.Server) {
	t.Helper()
	if r.seen != len(srv.Callbacks()) || r.seen == 0 {
		t.Errorf("%d callbacks handled of %d", r.seen, len(srv.Callbacks()))
	}
	if !r.state.Succeeded() || r.state.Err() != nil {
		t.Errorf("state: succeeded %t, %v", r.state.Succeeded(), r.state.Err())
	}
	for _, c := range srv.Callbacks() {
		if !c.Delivered() {
			t.Errorf("callback %d: %+v", c.Number, c.Attempts)
		}
	}
}

func TestHandlersOverSockets(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(http.Handler) *httptest.Server{"http": httptest.NewServer, "https": httptest.NewTLSServer} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &receiver{}
			web := start(r.handler(t, paymentstest.DefaultAuthToken))
			defer web.Close()
			opts := []paymentstest.Option{paymentstest.WithCaller(paymentstest.VisaCaller())}
			if name == "https" {
				opts = append(opts, paymentstest.WithCallbackTLS(web.Client().Transport.(*http.Transport).TLSClientConfig))
			}
			srv := paymentstest.NewServer(t, opts...)
			pay(t, srv, web.URL+"/status?order=it's")
			r.wantPaid(t, srv)
		})
	}
}

func TestHandlersInProcess(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"https://pay.example.com/status?order=it%27s", "http://pay.example.com:8080", "http://pay.example.com:8080?a=b", "http://PAY.example.com:8080/status"} {
		for name, opts := range map[string][]paymentstest.Option{"socket": nil, "memory": {paymentstest.InMemory()}} {
			t.Run(name+" "+url, func(t *testing.T) {
				t.Parallel()
				run := func(t *testing.T) {
					r, other := &receiver{}, &receiver{}
					srv := paymentstest.NewServer(t, append(opts, paymentstest.WithCaller(paymentstest.VisaCaller()))...)
					for base, to := range map[string]*receiver{
						"https://pay.example.com/": other, "https://pay.example.com/status": r, "https://pay.example.com/status/x": other,
						"http://pay.example.com:8080": r, "http://pay.example.com": other,
					} {
						if err := srv.Handle(base, to.handler(t, srv.AuthToken())); err != nil {
							t.Fatal(err)
						}
					}
					pay(t, srv, url)
					r.wantPaid(t, srv)
					if other.seen != 0 {
						t.Error("another handler got callbacks")
					}
				}
				if name == "memory" {
					synctest.Test(t, run)
				} else {
					run(t)
				}
			})
		}
	}
}

func TestSubaccountsSignWithTheirOwnToken(t *testing.T) {
	t.Parallel()
	const sub, token = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "the token of the subaccount"
	srv := paymentstest.NewServer(t, paymentstest.WithSubaccount(sub, token), paymentstest.WithCaller(paymentstest.VisaCaller()))
	r, wrong := &receiver{}, &receiver{}
	for base, h := range map[string]http.Handler{"https://right.example.com": r.handler(t, token), "https://wrong.example.com": wrong.handler(t, srv.AuthToken())} {
		if err := srv.Handle(base, h); err != nil {
			t.Fatal(err)
		}
	}
	pay(t, srv, "https://right.example.com/", payments.WithAccount(sub))
	r.wantPaid(t, srv)
	pay(t, srv, "https://wrong.example.com/", payments.WithAccount(sub))
	if wrong.seen != 0 {
		t.Error("a callback was signed with the main account's token")
	}
}

func TestHandleNeedsAURL(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{TB: t}
	srv := paymentstest.NewServer(tb)
	defer tb.cleanup()
	for _, base := range []string{"", "/status", "pay.example.com", "ftp://pay.example.com"} {
		if err := srv.Handle(base, http.NotFoundHandler()); err == nil {
			t.Errorf("%q: no error", base)
		}
	}
	if err := srv.Handle("https://pay.example.com", nil); err == nil {
		t.Error("no handler: no error")
	}
	if len(tb.errors) != 5 {
		t.Errorf("the test was failed %d times, want 5", len(tb.errors))
	}
}

func TestConnectionsAreTriedTwice(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String() + "/"
	_ = l.Close() // so that connections are refused
	srv := paymentstest.NewServer(t)
	if _, err := newClient(t, srv).Create(t.Context(), callSID, payments.CreateParams{StatusCallback: url}); err != nil {
		t.Fatal(err)
	}
	if err := srv.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := srv.Callbacks()[0]
	if len(c.Attempts) != 2 || c.Delivered() || !errors.Is(c.Attempts[1].Err, syscall.ECONNREFUSED) {
		t.Errorf("attempts %+v, want two that were refused", c.Attempts)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var followed atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("POST /status", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/status/", http.StatusMovedPermanently)
	})
	mux.HandleFunc("/status/", func(http.ResponseWriter, *http.Request) { followed.Add(1) })
	web := httptest.NewServer(mux)
	defer web.Close()
	srv := paymentstest.NewServer(t)
	url := strings.Replace(web.URL, "127.0.0.1", "localhost", 1) // this machine by another name
	if _, err := newClient(t, srv).Create(t.Context(), callSID, payments.CreateParams{StatusCallback: url + "/status"}); err != nil {
		t.Fatal(err)
	}
	if err := srv.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := srv.Callbacks()[0]
	if followed.Load() != 0 || len(c.Attempts) != 1 || c.Attempts[0].Status != 301 || c.Attempts[0].Err == nil || c.Delivered() {
		t.Errorf("followed %d (want 0) times, attempts %+v", followed.Load(), c.Attempts)
	}
}
