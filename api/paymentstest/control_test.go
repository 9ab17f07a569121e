package paymentstest_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// captured opens a session that can be completed.
func captured(t testing.TB, p payments.CreateParams, opts ...paymentstest.Option) *bench {
	t.Helper()
	p.PostalCode, p.SecurityCode = new(false), new(false)
	b := newBench(t, p, opts...)
	b.mount(takes)
	b.fill(payments.CapturePaymentCardNumber, "4111 1111 1111 1111")
	b.fill(payments.CaptureExpirationDate, "1299")
	b.must(b.srv.Wait(t.Context()))
	return b
}

func (b *bench) state() paymentstest.SessionSnapshot {
	b.t.Helper()
	sessions := b.srv.Snapshot().Sessions
	return sessions[len(sessions)-1]
}

// TestDelayedAndHeldVerdicts tests what the application and the caller can do while
// the gateway decides, and when the verdict takes effect.
func TestDelayedAndHeldVerdicts(t *testing.T) {
	t.Parallel()
	slow := paymentstest.WithGateway(func(paymentstest.Payment) paymentstest.Verdict { return paymentstest.Verdict{After: 20 * time.Second} })
	for name, tt := range map[string]struct {
		opt   paymentstest.Option
		while func(b *bench)
		after time.Duration
		want  callback.Result
	}{
		"approved": {opt: slow, after: 20 * time.Second, want: callback.ResultSuccess},
		"declined": {opt: paymentstest.WithGateway(func(paymentstest.Payment) paymentstest.Verdict {
			return paymentstest.Verdict{Code: payments.CodeChargeRejected, After: time.Second}
		}), after: time.Second, want: callback.ResultPaymentConnectorError},
		"requests are refused": {opt: slow, after: 20 * time.Second, want: callback.ResultSuccess, while: func(b *bench) {
			for _, p := range []payments.UpdateParams{{Capture: payments.CaptureExpirationDate}, {Status: payments.StatusComplete}, {Status: payments.StatusCancel}} {
				wantError(b.t, b.try(p), 400, payments.CodeInvalidOperation)
			}
			_, err := b.client.Create(b.t.Context(), b.call.SID, payments.CreateParams{StatusCallback: statusURL})
			wantError(b.t, err, 400, payments.CodeInvalidOperation)
		}},
		"keys are lost": {opt: slow, after: 20 * time.Second, want: callback.ResultSuccess, while: func(b *bench) {
			if err := b.call.Star(); !errors.Is(err, paymentstest.ErrNotAsked) {
				b.t.Errorf("star: %v, want paymentstest.ErrNotAsked", err)
			}
		}},
		"hanging up is too late": {opt: slow, after: 20 * time.Second, want: callback.ResultSuccess, while: func(b *bench) { b.call.HangUp() }},
		"a lifetime is too short": {opt: slow, after: 20 * time.Second, want: callback.ResultSuccess, while: func(b *bench) {
			b.must(b.srv.SetAssumptions(paymentstest.Assumptions{SessionLifetime: time.Second}))
			time.Sleep(2 * time.Second)
			wantError(b.t, b.try(payments.UpdateParams{Status: payments.StatusCancel}), 400, payments.CodeInvalidOperation)
		}},
		"a person decides sooner": {opt: slow, want: callback.ResultPaymentConnectorError, while: func(b *bench) {
			b.must(b.srv.Decide(b.sid, paymentstest.Decline(payments.CodeChargeRejected, "")))
		}},
		"a person decides": {opt: paymentstest.WithGateway(func(paymentstest.Payment) paymentstest.Verdict { return paymentstest.Verdict{Hold: true} }),
			after: time.Hour, want: callback.ResultSuccess, while: func(b *bench) {
				b.must(b.srv.Wait(b.t.Context())) // a held payment does not count as work
				time.Sleep(time.Hour)
				b.must(b.srv.Decide(b.sid, paymentstest.Verdict{}))
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := captured(t, payments.CreateParams{ChargeAmount: "5.00"}, tt.opt)
				start := time.Now()
				b.complete()
				if s := b.state(); s.Phase != paymentstest.PhaseCompleting || s.CanComplete || len(b.srv.Charges()) != 0 {
					t.Errorf("%s (want %s), may complete %t, %d charges, want 0", s.Phase, paymentstest.PhaseCompleting, s.CanComplete, len(b.srv.Charges()))
				}
				if tt.while != nil {
					tt.while(b)
				}
				b.must(b.srv.Wait(t.Context()))
				e := lastEvent(b.srv)
				if took := time.Since(start); took != tt.after || e.Result != tt.want || (len(b.srv.Charges()) == 1) != (tt.want == callback.ResultSuccess) {
					t.Errorf("%s after %v with %d charges, want %s after %v", e.Result, took, len(b.srv.Charges()), tt.want, tt.after)
				}
				if s := b.state(); s.Phase != paymentstest.PhaseEnded || s.Charged != (tt.want == callback.ResultSuccess) || s.Captured[payments.CapturePaymentCardNumber] != "xxxxxxxxxxxx1111" {
					t.Errorf("ended as %+v", s)
				}
				if err := b.srv.Decide(b.sid, paymentstest.Verdict{}); !errors.Is(err, paymentstest.ErrNotHeld) {
					t.Errorf("decided twice: %v, want paymentstest.ErrNotHeld", err)
				}
			})
		})
	}
}

// TestServerChangesWhileItRuns sets a gateway and assumptions on open sessions.
func TestServerChangesWhileItRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := captured(t, payments.CreateParams{ChargeAmount: "5.00"})
		b.srv.SetGateway(func(paymentstest.Payment) paymentstest.Verdict {
			return paymentstest.Decline(payments.CodeChargeRejected, "")
		})
		if err := b.srv.SetAssumptions(paymentstest.Assumptions{FinishedSessionCode: 1}); err == nil || !strings.Contains(err.Error(), "FinishedSessionCode needs") {
			t.Errorf("accepted: %v", err)
		}
		connectors := []string{"Default"}
		want := paymentstest.Assumptions{FinishedSessionStatus: 409, FinishedSessionCode: 20409, Connectors: connectors}
		b.must(b.srv.SetAssumptions(want))
		connectors[0] = "changed"
		want.Connectors = []string{"Default"}
		if diff := cmp.Diff(want, b.srv.Assumptions()); diff != "" {
			t.Errorf("assumptions (-want +got):\n%s", diff)
		}
		b.complete()
		wantError(t, b.try(payments.UpdateParams{Status: payments.StatusCancel}), 409, 20409)
		if e := lastEvent(b.srv); e.PayErrorCode != "64008" {
			t.Errorf("the gateway that was set was not asked: %v", e)
		}
		b.srv.SetGateway(nil)
		again := captured(t, payments.CreateParams{ChargeAmount: "5.00"})
		again.complete()
		if len(again.srv.Charges()) != 1 {
			t.Error("no gateway does not approve")
		}
	})
}

func TestRedeliver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, payments.CreateParams{})
		b.must(b.srv.Wait(t.Context())) // the callback has no receiver
		var got []string
		status := http.StatusInternalServerError
		b.mount(func(w http.ResponseWriter, r *http.Request) {
			got = append(got, r.Header.Get("I-Twilio-Idempotency-Token")+" "+r.Header.Get("X-Twilio-Signature"))
			w.Header().Set("X-Request-Id", "7")
			w.Header().Set("Set-Cookie", "secret")
			http.Error(w, "no database", status)
		})
		if _, err := b.srv.Redeliver(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		status = http.StatusOK
		a, err := b.srv.Redeliver(t.Context(), 1)
		if err != nil || a.Status != 200 || a.Body != "no database\n" || a.Callback != 1 || a.Number != 3 {
			t.Errorf("attempt %d (want 3) of callback %d, want 1: status %d, want 200; body %q (want %q), error %v", a.Number, a.Callback, a.Status, a.Body, "no database\n", err)
		}
		if diff := cmp.Diff(http.Header{"Content-Type": {"text/plain; charset=utf-8"}, "Content-Length": {"12"}, "X-Request-Id": {"7"}, "Date": {"Sat, 01 Jan 2000 00:00:00 GMT"}}, a.Header); diff != "" {
			t.Errorf("header (-want +got):\n%s", diff)
		}
		if len(got) != 2 || got[0] != got[1] || !b.srv.Callbacks()[0].Delivered() {
			t.Errorf("delivered %q", got)
		}
		for _, number := range []int{-1, 0, 2} {
			if _, err := b.srv.Redeliver(t.Context(), number); !errors.Is(err, paymentstest.ErrNoCallback) {
				t.Errorf("callback %d: %v, want paymentstest.ErrNoCallback", number, err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if a, err := b.srv.Redeliver(ctx, 1); err != nil || a.Status != 0 || a.Error == "" {
			t.Errorf("cancelled: %+v, %v", a.Error, err)
		}
		b.srv.Close()
		if _, err := b.srv.Redeliver(t.Context(), 1); !errors.Is(err, paymentstest.ErrClosed) {
			t.Errorf("closed: %v, want paymentstest.ErrClosed", err)
		}
	})
}

// TestSend sends hand-made callbacks to a handler of package callback.
func TestSend(t *testing.T) {
	t.Parallel()
	form := func(pairs ...string) url.Values {
		f := url.Values{"AccountSid": {paymentstest.DefaultAccountSID}, "CallSid": {callSID}, "Sid": {"PK00000000000000000000000000000001"}, "Result": {"success"}}
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}
	lacking := form()
	lacking.Del("Sid")
	for name, tt := range map[string]struct {
		made   paymentstest.HandMade
		status int
		err    error
	}{
		"good":               {made: paymentstest.HandMade{URL: statusURL, Form: form()}, status: 204},
		"unsigned":           {made: paymentstest.HandMade{URL: statusURL, Form: form(), Sign: paymentstest.SignNot}, status: 403},
		"wrongly signed":     {made: paymentstest.HandMade{URL: statusURL, Form: form(), Sign: paymentstest.SignWrongly}, status: 403},
		"unknown value":      {made: paymentstest.HandMade{URL: statusURL, Form: form("Result", "new-result")}, status: 204},
		"without a session":  {made: paymentstest.HandMade{URL: statusURL, Form: lacking}, status: 400},
		"to an unknown host": {made: paymentstest.HandMade{URL: "https://elsewhere.example.com/", Form: form()}, err: paymentstest.ErrNotLocal},
		"to no URL":          {made: paymentstest.HandMade{URL: "status", Form: form()}, err: errAny},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := paymentstest.NewServer(t, paymentstest.InMemory())
				h, err := callback.NewHandler(func(context.Context, callback.Event) error { return nil },
					callback.WithAuthTokens(srv.AuthToken()), callback.WithPublicURL("https://pay.example.com"))
				if err != nil {
					t.Fatal(err)
				}
				if err := srv.Handle("https://pay.example.com/", h); err != nil {
					t.Fatal(err)
				}
				a, err := srv.Send(t.Context(), tt.made)
				if a.Status != tt.status || (err != nil) != (tt.err != nil) || tt.err != nil && tt.err != errAny && !errors.Is(err, tt.err) {
					t.Errorf("status %d, error %v; want %d, %v", a.Status, err, tt.status, tt.err)
				}
				if len(srv.Callbacks()) != 0 {
					t.Error("it counts as a callback of a session")
				}
				made := srv.Entries(0, 1)[0]
				if made.Kind != paymentstest.KindCallbackMade || made.Callback.Number != 0 || (made.Callback.Signature == "") != (tt.made.Sign == paymentstest.SignNot) {
					t.Errorf("journal: %v, signature %q", made, made.Callback.Signature)
				}
			})
		})
	}
}

var errAny = errors.New("any")

// TestTakeOver lets a script and a person take over the keypad from each other.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var refused error
		slow := func(c *paymentstest.Call, _ paymentstest.Prompt) {
			for range 3 {
				time.Sleep(time.Second)
				if refused = c.Press("1"); refused != nil {
					return
				}
			}
		}
		b := newBench(t, payments.CreateParams{PostalCode: new(false)}, paymentstest.WithCaller(slow))
		b.mount(takes)
		b.capture(payments.CaptureExpirationDate)
		time.Sleep(1500 * time.Millisecond)
		b.call.TakeOver(nil)
		b.must(b.call.Press("299"))
		time.Sleep(time.Minute)
		b.must(b.srv.Wait(t.Context()))
		if s := b.state(); s.Captured[payments.CaptureExpirationDate] != "1299" || !errors.Is(refused, paymentstest.ErrTakenOver) {
			t.Errorf("captured %v; the script got %v, want paymentstest.ErrTakenOver", s.Captured, refused)
		}
		if c := b.srv.Snapshot().Calls[0]; c.Scripted {
			t.Error("the call still has a script")
		}
		b.capture(payments.CapturePaymentCardNumber) // no key is pressed
		b.must(b.srv.Wait(t.Context()))
		b.call.TakeOver(paymentstest.VisaCaller())
		b.must(b.srv.Wait(t.Context()))
		if s := b.state(); s.CardType != payments.CardTypeVisa {
			t.Errorf("the script does not hear the open question: %+v", s)
		}
		b.capture(payments.CaptureSecurityCode) // hears the next one too
		b.must(b.srv.Wait(t.Context()))
		if s := b.state(); !s.CanComplete {
			t.Errorf("the script does not hear the next question: %+v", s)
		}
	})
}
