package paymentstest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		fault     paymentstest.Fault
		status    int // of the response, 0 for a broken one
		body      string
		cause     error // of the broken response
		recorded  int
		committed bool
	}{
		{name: "no fault", status: 201, recorded: 201, committed: true},
		{name: "html", fault: paymentstest.Respond(503, "<html>down</html>"), status: 503, body: "<html>down</html>", recorded: 503},
		{name: "html after commit", fault: paymentstest.Respond(503, "<html>down</html>").AfterCommit(), status: 503, body: "<html>down</html>", recorded: 503, committed: true},
		{name: "rate limited", fault: paymentstest.TooManyRequests("2"), status: 429, recorded: 429,
			body: `{"code":20429,"message":"Too Many Requests","more_info":"https://www.twilio.com/docs/errors/20429","status":429}`},
		{name: "custom refusal", fault: paymentstest.Refuse(400, 64006, "no such token type"), status: 400, recorded: 400,
			body: `{"code":64006,"message":"no such token type","more_info":"https://www.twilio.com/docs/errors/64006","status":400}`},
		{name: "reset", fault: paymentstest.Reset(), cause: syscall.ECONNRESET},
		{name: "reset after commit", fault: paymentstest.Reset().AfterCommit(), cause: syscall.ECONNRESET, committed: true},
		{name: "half a body", fault: paymentstest.HalfBody(), cause: io.ErrUnexpectedEOF, recorded: 201, committed: true},
		{name: "late", fault: paymentstest.Delay(time.Millisecond), status: 201, recorded: 201, committed: true},
		{name: "late after commit", fault: paymentstest.Delay(time.Millisecond).AfterCommit(), status: 201, recorded: 201, committed: true},
	}
	for _, tt := range tests {
		for _, network := range []string{"socket", "memory"} {
			t.Run(tt.name+" over "+network, func(t *testing.T) {
				t.Parallel()
				opts := []paymentstest.Option{paymentstest.WithFaults(paymentstest.On(paymentstest.Create, 1, tt.fault))}
				if network == "memory" {
					opts = append(opts, paymentstest.InMemory())
				}
				srv := paymentstest.NewServer(t, opts...)
				resp, body, err := createOn(srv, callSID).send(t, srv)
				if !errors.Is(err, tt.cause) {
					t.Errorf("error %v, want %v", err, tt.cause)
				}
				if err == nil && resp.StatusCode != tt.status {
					t.Errorf("status %d, want %d", resp.StatusCode, tt.status)
				}
				if tt.body != "" && body != tt.body {
					t.Errorf("body %q, want %q", body, tt.body)
				}
				if err := srv.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				got := srv.Requests()[0]
				if got.Committed != tt.committed || got.Status != tt.recorded || got.Fault.String() != tt.fault.String() {
					t.Errorf("recorded %v, want committed %t, status %d, fault %q", got, tt.committed, tt.recorded, tt.fault)
				}
				// The second attempt has no fault; its replay shows what the first one did.
				resp, _, err = createOn(srv, callSID).send(t, srv)
				if err != nil || resp.StatusCode != http.StatusCreated {
					t.Fatalf("second attempt: %v, %v, want status 201", resp, err)
				}
				if again := srv.Requests()[1]; again.Replayed != tt.committed || again.Committed == tt.committed || again.Attempt != 2 {
					t.Errorf("second attempt recorded as %v", again)
				}
			})
		}
	}
}

func TestNeverAnswer(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]paymentstest.Fault{
		"discarded": paymentstest.NeverAnswer(),
		"committed": paymentstest.NeverAnswer().AfterCommit(),
	} {
		t.Run(name+" until the client leaves", func(t *testing.T) {
			t.Parallel()
			srv := paymentstest.NewServer(t, paymentstest.WithFaults(paymentstest.On(paymentstest.Any, 0, fault)))
			ctx, cancel := context.WithCancel(t.Context())
			left := make(chan error)
			go func() {
				r := createOn(srv, callSID)
				req, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL+r.path, nil)
				if err == nil {
					req.SetBasicAuth(r.user, r.password)
					req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
					req.Body = io.NopCloser(stringsReader(r.body))
					_, err = srv.Client().Do(req) //nolint:bodyclose // there is no response
				}
				left <- err
			}()
			waitUntil(t, func() bool { return len(srv.Requests()) == 1 && !srv.Requests()[0].Fault.None() })
			if err := srv.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := srv.Requests()[0]; got.Committed != (name == "committed") || got.Status != 0 {
				t.Errorf("recorded %v", got)
			}
			cancel()
			if err := <-left; !errors.Is(err, context.Canceled) {
				t.Errorf("client left with %v, want context.Canceled", err)
			}
		})
		t.Run(name+" until the server closes", func(t *testing.T) {
			t.Parallel()
			srv := paymentstest.NewServer(t, paymentstest.WithFaults(paymentstest.On(paymentstest.Any, 0, fault)))
			left := make(chan error)
			go func() {
				_, _, err := createOn(srv, callSID).send(t, srv)
				left <- err
			}()
			waitUntil(t, func() bool { return len(srv.Requests()) == 1 })
			srv.Close()
			if err := <-left; err == nil {
				t.Error("got a response")
			}
		})
	}
}

func TestInjectorsSeeTheAttempt(t *testing.T) {
	t.Parallel()
	var seen []paymentstest.Attempt
	srv := paymentstest.NewServer(t, paymentstest.WithFaults(func(a paymentstest.Attempt) paymentstest.Fault {
		seen = append(seen, a)
		return paymentstest.Fault{}
	}))
	first, other := createOn(srv, callSID), createOn(srv, otherSID)
	other.body = url.Values{"IdempotencyKey": {"other"}, "StatusCallback": {statusURL}}.Encode()
	for _, r := range []raw{first, first, other} {
		if _, _, err := r.send(t, srv); err != nil {
			t.Fatal(err)
		}
	}
	want := []paymentstest.Attempt{
		{Operation: "create", Number: 1, Total: 1, OnCall: 1, AccountSID: srv.AccountSID(), CallSID: callSID, IdempotencyKey: "key"},
		{Operation: "create", Number: 2, Total: 2, OnCall: 2, AccountSID: srv.AccountSID(), CallSID: callSID, IdempotencyKey: "key"},
		{Operation: "create", Number: 1, Total: 3, OnCall: 1, AccountSID: srv.AccountSID(), CallSID: otherSID, IdempotencyKey: "other"},
	}
	for i := range want {
		if seen[i] != want[i] {
			t.Errorf("attempt %d: %+v, want %+v", i, seen[i], want[i])
		}
	}
}

func TestAtRandomIsRepeatable(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) (faulty int, text string) {
		in := paymentstest.AtRandom(seed, 0.3, paymentstest.Reset(), paymentstest.HalfBody())
		for i := range 10_000 {
			f := in(paymentstest.Attempt{CallSID: callSID, OnCall: i})
			if !f.None() {
				faulty++
			}
			text += f.String() + ","
		}
		return faulty, text
	}
	n, first := run(1)
	_, again := run(1)
	_, other := run(2)
	if n < 2800 || n > 3200 {
		t.Errorf("%d of 10000 failed, want about 3000", n)
	}
	if first != again || first == other {
		t.Error("the seed does not decide")
	}
}

func TestFaultResponseHeaders(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fault paymentstest.Fault
		want  map[string]string
	}{
		{paymentstest.TooManyRequests("7"), map[string]string{"Retry-After": "7", "Content-Type": "application/json"}},
		{paymentstest.Respond(502, "<html>"), map[string]string{"Content-Type": "text/html"}},
		{paymentstest.Respond(503, "", "Retry-After", "Wed, 18 Dec 2019 20:02:01 +0000"), map[string]string{"Retry-After": "Wed, 18 Dec 2019 20:02:01 +0000"}},
		{paymentstest.Respond(400, "{}", "Content-Type", "application/problem+json"), map[string]string{"Content-Type": "application/problem+json"}},
	} {
		srv := paymentstest.NewServer(t, paymentstest.WithFaults(paymentstest.On(paymentstest.Any, 0, tt.fault)))
		resp, _, err := createOn(srv, callSID).send(t, srv)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range tt.want {
			if got := resp.Header.Get(name); got != value {
				t.Errorf("%v: %s is %q, want %q", tt.fault, name, got, value)
			}
		}
	}
}

// TestFaultsWithoutAConnection tests what replaces a broken connection where there
// is none to break.
func TestFaultsWithoutAConnection(t *testing.T) {
	t.Parallel()
	for _, fault := range []paymentstest.Fault{paymentstest.Reset(), paymentstest.HalfBody()} {
		srv := paymentstest.NewServer(t, paymentstest.InMemory(), paymentstest.WithFaults(paymentstest.On(paymentstest.Any, 0, fault)))
		r := createOn(srv, callSID)
		req := httptest.NewRequest(http.MethodPost, r.path, stringsReader(r.body))
		req.SetBasicAuth(r.user, r.password)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		func() {
			defer func() {
				if v := recover(); v != http.ErrAbortHandler {
					t.Errorf("%v: recovered %v, want %v", fault, v, http.ErrAbortHandler)
				}
			}()
			srv.ServeHTTP(httptest.NewRecorder(), req)
		}()
		if got := srv.Requests()[0]; got.Committed != (fault.String() == "half body") {
			t.Errorf("recorded %v", got)
		}
	}
}

func TestInjectReplaces(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t, paymentstest.WithFaults(paymentstest.On(paymentstest.Create, 0, paymentstest.TooManyRequests(""))))
	for i, want := range []int{429, 503, 201} {
		switch i {
		case 1: // the first injector with a fault decides
			srv.Inject(paymentstest.On(paymentstest.Cancel, 0, paymentstest.Reset()), nil, paymentstest.AtRandom(1, 1),
				paymentstest.AtRandom(1, 1, paymentstest.Respond(503, "")), paymentstest.On(paymentstest.Any, 0, paymentstest.Reset()))
		case 2:
			srv.Inject()
		}
		resp, _, err := createOn(srv, callSID).send(t, srv)
		if err != nil || resp.StatusCode != want {
			t.Errorf("request %d: %v, %v; want %d", i, resp, err, want)
		}
	}
}

// TestDelays tests when a late request takes effect and when it gets its response.
func TestDelays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fault         paymentstest.Fault
		effect, reply time.Duration
	}{
		{paymentstest.Delay(time.Minute), time.Minute, time.Minute},
		{paymentstest.Delay(time.Minute).AfterCommit(), 0, time.Minute},
		{paymentstest.Respond(503, "").AfterCommit().After(time.Minute), 0, time.Minute},
	} {
		t.Run(tt.fault.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := paymentstest.NewServer(t, paymentstest.InMemory(), paymentstest.WithFaults(paymentstest.On(paymentstest.Create, 1, tt.fault)))
				start := time.Now()
				if _, _, err := createOn(srv, callSID).send(t, srv); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took != tt.reply {
					t.Errorf("response after %v, want %v", took, tt.reply)
				}
				if effect := srv.Callbacks()[0].Time.Sub(start); effect != tt.effect {
					t.Errorf("took effect after %v, want %v", effect, tt.effect)
				}
			})
		})
	}
}

// TestCallerWhoHangsUpIsNotAsked lets the caller hang up before the response to a
// capture is sent.
func TestCallerWhoHangsUpIsNotAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		b := newBench(t, noPostalCode, paymentstest.WithCaller(func(*paymentstest.Call, paymentstest.Prompt) { asked++ }))
		b.srv.Inject(paymentstest.On(paymentstest.Capture, 1, paymentstest.Delay(time.Minute).AfterCommit()))
		time.AfterFunc(time.Second, b.call.HangUp)
		_ = b.try(payments.UpdateParams{Capture: payments.CaptureExpirationDate})
		b.must(b.srv.Wait(t.Context()))
		if asked != 0 {
			t.Errorf("asked %d times after hanging up, want 0", asked)
		}
	})
}
