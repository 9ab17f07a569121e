package flow_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

var aSession = flow.Session{
	AccountSID: "AC0123456789abcdef0123456789abcdef", CallSID: "CA0123456789abcdef0123456789abcdef", SID: "PK0123456789abcdef0123456789abcdef",
}

// formOf is a callback of a session with additional fields.
func formOf(s flow.Session, fields form) form {
	f := form{"AccountSid": s.AccountSID, "CallSid": s.CallSID, "Sid": s.SID}
	for name, value := range fields {
		f[name] = value
	}
	return f
}

func messagesOf(t *testing.T, bus flow.Bus, s flow.Session) []flow.Message {
	t.Helper()
	past, live, err := bus.Subscribe(t.Context(), s)
	must(t, err)
	must(t, live.Close())
	return past
}

func TestTheHandlerPublishes(t *testing.T) {
	t.Parallel()
	const tag = "twiliopay=CAffffffffffffffffffffffffffffffff.3.0123456789abcdef0123456789abcdef"
	for name, c := range map[string]struct {
		target string
		form   form
		want   flow.Message
	}{
		"without a tag": {"https://pay.example.com/status", formOf(aSession, nil), flow.Message{Session: aSession}},
		"with a tag": {"https://pay.example.com/status?a=b&" + tag, formOf(aSession, form{"Result": "success"}), flow.Message{
			Session: flow.Session{AccountSID: aSession.AccountSID, CallSID: "CAffffffffffffffffffffffffffffffff", SID: aSession.SID},
			Flow:    "0123456789abcdef0123456789abcdef", Step: 3, Final: true,
		}},
		"a tag among others": {"https://pay.example.com/status?twiliopay=old&x=y&" + tag, formOf(aSession, nil), flow.Message{
			Session: flow.Session{AccountSID: aSession.AccountSID, CallSID: "CAffffffffffffffffffffffffffffffff", SID: aSession.SID},
			Flow:    "0123456789abcdef0123456789abcdef", Step: 3,
		}},
		"a malformed tag":        {"https://pay.example.com/status?twiliopay=1", formOf(aSession, nil), flow.Message{Session: aSession}},
		"a tag with a wild card": {"https://pay.example.com/status?" + strings.Replace(tag, "CAff", "CA*f", 1), formOf(aSession, nil), flow.Message{Session: aSession}},
		"a step below zero":      {"https://pay.example.com/status?" + strings.Replace(tag, ".3.", ".-3.", 1), formOf(aSession, nil), flow.Message{Session: aSession}},
		"not quite a tag":        {"https://pay.example.com/status?x" + tag, formOf(aSession, nil), flow.Message{Session: aSession}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bus := newMemory(t)
			if code := post(t, newHandler(t, bus), c.target, "token", c.form); code != http.StatusNoContent {
				t.Fatalf("status %d, want %d", code, http.StatusNoContent)
			}
			got := messagesOf(t, bus, c.want.Session)
			if len(got) != 1 {
				t.Fatalf("%d messages, want 1", len(got))
			}
			if got[0].ID == "" || got[0].Body.Reveal() != c.form.values().Encode() {
				t.Errorf("ID %q, body %q, want %q", got[0].ID, got[0].Body.Reveal(), c.form.values().Encode())
			}
			c.want.ID, c.want.Body = got[0].ID, got[0].Body
			if !got[0].Equal(c.want) {
				t.Errorf("got %s, want %s", got[0].Encode(), c.want.Encode())
			}
		})
	}
}

// TestAGatewayMovesTheTag: a gateway that reorders the query changes neither
// what was signed nor which session the callback belongs to.
func TestAGatewayMovesTheTag(t *testing.T) {
	t.Parallel()
	const tag = "twiliopay=CAffffffffffffffffffffffffffffffff.3.0123456789abcdef0123456789abcdef"
	want := flow.Session{AccountSID: aSession.AccountSID, CallSID: "CAffffffffffffffffffffffffffffffff", SID: aSession.SID}
	for name, c := range map[string]struct {
		signed, arrives string
		status          int
	}{
		"to the front":                {"?order=7&" + tag, "?" + tag + "&order=7", http.StatusNoContent},
		"between two":                 {"?a=1&b=2&" + tag, "?a=1&" + tag + "&b=2", http.StatusNoContent},
		"not at all":                  {"?a=1&" + tag, "?a=1&" + tag, http.StatusNoContent},
		"from the only place":         {"?" + tag, "?" + tag, http.StatusNoContent},
		"other parameters have moved": {"?a=1&b=2&" + tag, "?b=2&" + tag + "&a=1", http.StatusForbidden},
		"something was added":         {"?a=1&" + tag, "?" + tag + "&a=1&c=3", http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bus := newMemory(t)
			const base = "https://pay.example.com/status"
			r := httptest.NewRequest(http.MethodPost, base+c.arrives, strings.NewReader(formOf(aSession, nil).values().Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Twilio-Signature", callback.Sign(paymentstest.DefaultAuthToken, base+c.signed, formOf(aSession, nil).values()))
			w := httptest.NewRecorder()
			newHandler(t, bus).ServeHTTP(w, r)
			if w.Code != c.status {
				t.Fatalf("status %d, want %d", w.Code, c.status)
			}
			if got := messagesOf(t, bus, want); c.status == http.StatusNoContent && (len(got) != 1 || got[0].Step != 3) {
				t.Errorf("published %v", got)
			}
		})
	}
}

// TestTheSameDeliveryOnTwoMachines is one message, identified by URL and form.
// The header with the delivery's token is not signed and is ignored.
func TestTheSameDeliveryOnTwoMachines(t *testing.T) {
	t.Parallel()
	const target = "https://pay.example.com/status"
	timeout := formOf(aSession, form{"Capture": "postal-code", "ErrorType": "input-timeout"})
	tagged := func(step int) string {
		return target + "?twiliopay=" + aSession.CallSID + "." + fmt.Sprint(step) + ".0123456789abcdef0123456789abcdef"
	}
	type delivery struct {
		target, token string
		form          form
	}
	for name, c := range map[string]struct {
		deliveries []delivery
		want       int
	}{
		"the same again":                   {[]delivery{{target, "one", timeout}, {target, "one", timeout}}, 1},
		"the same again without a token":   {[]delivery{{target, "", timeout}, {target, "", timeout}}, 1},
		"replayed under another token":     {[]delivery{{target, "one", timeout}, {target, "two", timeout}, {target, "", timeout}}, 1},
		"another event under its token":    {[]delivery{{target, "one", timeout}, {target, "one", formOf(aSession, form{"Result": "success"})}}, 2},
		"two forms":                        {[]delivery{{target, "", timeout}, {target, "", formOf(aSession, form{"Capture": "postal-code"})}}, 2},
		"two timeouts of a field":          {[]delivery{{tagged(1), "one", timeout}, {tagged(2), "two", timeout}}, 2},
		"two timeouts, without a token":    {[]delivery{{tagged(1), "", timeout}, {tagged(2), "", timeout}}, 2},
		"two timeouts under one token":     {[]delivery{{tagged(1), "one", timeout}, {tagged(2), "one", timeout}}, 2},
		"one timeout, replayed by another": {[]delivery{{tagged(1), "one", timeout}, {tagged(1), "two", timeout}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bus := newMemory(t)
			here, there := newHandler(t, bus), newHandler(t, bus)
			for _, d := range c.deliveries {
				for _, h := range []http.Handler{here, there} {
					if code := post(t, h, d.target, d.token, d.form); code != http.StatusNoContent {
						t.Fatalf("status %d, want %d", code, http.StatusNoContent)
					}
				}
			}
			if n := len(messagesOf(t, bus, aSession)); n != c.want {
				t.Errorf("%d messages, want %d", n, c.want)
			}
		})
	}
}

// TestTheEndOfTheURLIsNotMoved into the form: the signed text has no separator.
// Step 12 must not become step 1, nor a callback without a tag, which would
// count for the current step that asks for the same field.
func TestTheEndOfTheURLIsNotMoved(t *testing.T) {
	t.Parallel()
	const base = "https://pay.example.com"
	f := formOf(aSession, form{"Capture": "postal-code", "ErrorType": "input-timeout"})
	for _, before := range []string{
		"?shop=7&twiliopay=" + aSession.CallSID, "?twiliopay=CAac000000000000000000000000000000", "?shop=7&twiliopay=CAffffffffffffffffffffffffffffffff",
		"?Account=7&twiliopay=" + aSession.CallSID, "?order=17A&twiliopay=" + aSession.CallSID,
	} {
		signed := base + "/status" + before + ".12.0123456789abcdef0123456789abcdef"
		signature := callback.Sign(paymentstest.DefaultAuthToken, signed, f.values())
		for cut := len(base) + 1; cut < len(signed); cut++ {
			for name := cut; name <= len(signed); name++ {
				target := signed[:cut]
				body := f.values()
				body.Set(signed[cut:name], signed[name:])
				if callback.Sign(paymentstest.DefaultAuthToken, target, body) != signature {
					continue // in a different order
				}
				r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(body.Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("X-Twilio-Signature", signature)
				bus := newSpyBus(newMemory(t))
				if code := record(newHandler(t, bus), r); code == http.StatusNoContent || bus.count("publish") != 0 {
					t.Errorf("%s with %q=%q got status %d", target, signed[cut:name], signed[name:], code)
				}
			}
		}
	}
}

func TestTheHandlerRefusesInvalidCallbacks(t *testing.T) {
	t.Parallel()
	bus := newSpyBus(newMemory(t))
	h := newHandler(t, bus)
	for name, f := range map[string]form{
		"no account":          {"CallSid": aSession.CallSID, "Sid": aSession.SID},
		"no call":             {"AccountSid": aSession.AccountSID, "Sid": aSession.SID},
		"a SID with a dot":    formOf(aSession, form{"Sid": "PK.123456789abcdef0123456789abcdef"}),
		"a SID of the future": formOf(aSession, form{"Sid": "PK01"}),
	} {
		if code := post(t, h, "https://pay.example.com/status", name, f); code != http.StatusBadRequest {
			t.Errorf("%s: status %d, want 400", name, code)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://pay.example.com/status", strings.NewReader("Sid=PK01"))
	must(t, err)
	if code := record(h, r); code == http.StatusNoContent {
		t.Error("an unsigned callback was accepted")
	}
	if bus.count("publish") != 0 {
		t.Error("something was published")
	}
	if _, err := flow.Handler(nil, callback.WithAuthTokens("token")); err == nil {
		t.Error("a handler without a bus: no error")
	}
	if _, err := flow.Handler(bus, callback.WithAuthTokens()); err == nil {
		t.Error("a handler without a token: no error")
	}
}

// TestTheBusIsDownWhileTwilioDelivers: the handler responds 5xx to a callback
// that the bus has not stored, Twilio retries, and nothing is lost.
func TestTheBusIsDownWhileTwilioDelivers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, spy := newSpyDesk(t)
		p := noPostalCode
		p.StatusCallback += "#rc=5&rp=5xx"
		f := d.start(p)
		d.capture(f, payments.CapturePaymentCardNumber)
		failures := 0
		spy.failWith(func(method string) error {
			if failures++; method == "publish" && failures%3 != 0 {
				return errDown
			}
			return nil
		})
		d.capture(f, payments.CaptureExpirationDate, payments.CaptureSecurityCode)
		_, err := f.Complete(t.Context())
		must(t, err)
		must(t, d.srv.Wait(t.Context()))
		again := 0
		for _, c := range d.srv.Callbacks() {
			if !c.Delivered() {
				t.Errorf("callback %d was never accepted: %+v", c.Number, c.Attempts)
			}
			if len(c.Attempts) > 1 && c.Attempts[0].Status == http.StatusInternalServerError {
				again++
			}
		}
		if again == 0 {
			t.Error("no callback was delivered again")
		}
		if got, want := len(messagesOf(t, spy, f.Session())), len(d.srv.Callbacks()); got != want {
			t.Errorf("the bus has %d messages of %d callbacks", got, want)
		}
	})
}

// TestTheHandlerHidesWhatItPublishes from the log.
func TestTheHandlerHidesWhatItPublishes(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	spy := newSpyBus(newMemory(t))
	spy.failOn(errors.New("no space"))
	h, err := flow.Handler(spy, callback.WithAuthTokens(paymentstest.DefaultAuthToken), callback.WithHosts("pay.example.com"), callback.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	must(t, err)
	if code := post(t, h, "https://pay.example.com/status?secret=1", "", formOf(aSession, form{"PaymentToken": "tok_secret"})); code != http.StatusInternalServerError {
		t.Errorf("status %d, want %d", code, http.StatusInternalServerError)
	}
	if text := log.String(); strings.Contains(text, "secret") || !strings.Contains(text, "no space") {
		t.Errorf("log: %s", text)
	}
}

// TestACallbackWithoutAFlow is accepted, too.
func TestACallbackWithoutAFlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.srv.Deliver(func(paymentstest.Callback) paymentstest.Delivery { return paymentstest.Late(time.Hour) })
		f := d.start(noPostalCode)
		must(t, f.Cancel(t.Context()))
		must(t, f.Close())
		must(t, d.srv.Wait(t.Context()))
		for _, c := range d.srv.Callbacks() {
			if !c.Delivered() {
				t.Errorf("callback %d: %+v", c.Number, c.Attempts)
			}
		}
	})
}

// slowBus is a bus that does not return until the context ends.
type slowBus struct {
	flow.Bus
	calls int
}

func (b *slowBus) Publish(ctx context.Context, _ flow.Message) error {
	b.calls++
	<-ctx.Done()
	return ctx.Err()
}

// TestABusThatHangs is abandoned in time, so that a retry from Twilio is
// accepted at once.
func TestABusThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bus := &slowBus{}
		h := newHandler(t, bus)
		began := time.Now()
		for range 3 {
			if code := post(t, h, "https://pay.example.com/status", "token", formOf(aSession, nil)); code != http.StatusInternalServerError {
				t.Errorf("status %d, want 500", code)
			}
		}
		if bus.calls != 3 || time.Since(began) != 27*time.Second {
			t.Errorf("%d tries in %s, want 3 of 9 s", bus.calls, time.Since(began))
		}
	})
}
