package paymentstest_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/generated/contract"
	"github.com/twiliopay/twiliopay-go/internal/validator"
)

// script plays requests and keys that bytes choose on one call, in any order.
type script struct {
	t       *testing.T
	srv     *paymentstest.Server
	call    *paymentstest.Call
	sid     string
	done    map[string]bool // sessions that were completed or cancelled by request
	request int
}

var captures = []payments.Capture{
	"payment-card-number", "expiration-date", "security-code", "postal-code", "payment-card-number-matcher",
	"security-code-matcher", "bank-routing-number", "bank-account-number",
}

var entries = []string{
	"4111111111111111", "5555555555554444", "378282246310005", "4242424242424242", "1299", "0199", "123", "1234", "94109",
	"121181976", "123456789", "1", "#", "2", "", "99999999999999999999999",
}

// step plays one byte.
func (s *script) step(b byte) {
	n := int(b >> 3)
	switch b & 7 {
	case 0:
		form := url.Values{"ChargeAmount": {"5"}}
		for i, option := range [][2]string{
			{"Confirmation", "true"}, {"RequireMatchingInputs", "payment-card-number,security-code"}, {"PostalCode", "false"}, {"ChargeAmount", "0"},
		} {
			if n>>i&1 == 1 {
				form.Set(option[0], option[1])
			}
		}
		if n>>4&1 == 1 {
			form = url.Values{"PaymentMethod": {"ach-debit"}, "Parameter": {`{"AVSName":"x"}`}}
		}
		if sid := s.send("", form, 201); sid != "" {
			s.sid = sid
		}
	case 1, 2:
		s.send(s.sid, url.Values{"Capture": {string(captures[n%len(captures)])}}, 202)
	case 3:
		if status := []string{"complete", "complete", "complete", "cancel"}[n%4]; s.send(s.sid, url.Values{"Status": {status}}, 202) != "" {
			s.done[s.sid] = true
		}
	case 4, 5:
		_ = s.call.Enter(entries[n%len(entries)])
	case 6:
		_ = s.call.Press(string("0123456789*#"[n%12]))
	case 7:
		if n == 31 {
			s.call.HangUp()
		}
	}
}

// send posts a request and returns the session's SID if it was accepted.
func (s *script) send(sid string, form url.Values, accepted int) string {
	s.request++
	form.Set("IdempotencyKey", fmt.Sprint(s.request))
	form.Set("StatusCallback", statusURL)
	path := "/2010-04-01/Accounts/" + s.srv.AccountSID() + "/Calls/" + s.call.SID + "/Payments"
	if accepted == 202 {
		if sid == "" {
			return ""
		}
		path += "/" + sid
	}
	r := httptest.NewRequest("POST", path+".json", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(s.srv.AccountSID(), s.srv.AuthToken())
	w := httptest.NewRecorder()
	s.srv.ServeHTTP(w, r)
	var created struct{ SID string }
	if err := json.Unmarshal(w.Body.Bytes(), &created); err != nil {
		s.t.Fatal(err)
	}
	if w.Code != accepted && (w.Code < 400 || w.Code > 409) {
		s.t.Errorf("status %d", w.Code)
	}
	return created.SID
}

// check checks the invariants of a call.
func (s *script) check(j *validator.Validator) {
	states, endings := map[string]*callback.State{}, map[string]int{}
	required := map[string]string{}
	for _, c := range s.srv.Callbacks() {
		e := c.Event
		if err := j.Callback(e.Raw()); err != nil {
			s.t.Errorf("callback %d: %v", c.Number, err)
		}
		for name, values := range e.Raw() {
			if len(values[0]) > 4 && strings.Trim(values[0], "0123456789") == "" && name != "BankRoutingNumber" && name != "PaymentCardPostalCode" && name != "PayErrorCode" {
				s.t.Errorf("callback %d shows %s in clear", c.Number, name)
			}
		}
		if states[e.SID] == nil {
			states[e.SID] = &callback.State{}
		}
		if err := states[e.SID].Apply(e); err != nil {
			s.t.Errorf("callback %d: %v", c.Number, err)
		}
		switch e.Kind {
		case callback.Completed:
			endings[e.SID]++
		case callback.Updated:
			required[e.SID] = e.Required
		}
		if endings[e.SID] > 1 || endings[e.SID] == 1 && e.Kind != callback.Completed {
			s.t.Errorf("session %s has callback %d after its end", e.SID, c.Number)
		}
	}
	paid := map[string]bool{}
	for _, c := range s.srv.Charges() {
		s.pay(paid, c.SID)
	}
	for _, c := range s.srv.Tokens() {
		s.pay(paid, c.SID)
	}
	for sid, state := range states {
		if state.Succeeded() != paid[sid] {
			s.t.Errorf("session %s: succeeded %t, paid %t", sid, state.Succeeded(), paid[sid])
		}
		missing := ""
		for _, m := range state.Missing() {
			missing += "," + string(m)
		}
		if diff := cmp.Diff(required[sid], strings.TrimPrefix(missing, ",")); diff != "" && !state.Completed() {
			s.t.Errorf("session %s misses (-server +receiver):\n%s", sid, diff)
		}
	}
}

func (s *script) pay(paid map[string]bool, sid string) {
	if paid[sid] || !s.done[sid] {
		s.t.Errorf("session %s: paid twice %t, completed by request %t", sid, paid[sid], s.done[sid])
	}
	paid[sid] = true
}

func play(t *testing.T, j *validator.Validator, steps []byte) *paymentstest.Server {
	srv := paymentstest.NewServer(t, paymentstest.InMemory())
	s := &script{t: t, srv: srv, call: srv.NewCall(), done: map[string]bool{}}
	for _, b := range steps {
		s.step(b)
	}
	s.check(j)
	return srv
}

// FuzzCall plays any sequence of requests and keys on a call.
func FuzzCall(f *testing.F) {
	j, err := validator.New(contract.JSON())
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{0, 1, 4, 9, 36, 17, 52, 25, 68, 3})
	f.Fuzz(func(t *testing.T, steps []byte) {
		if len(steps) > 200 {
			steps = steps[:200]
		}
		play(t, j, steps).Close()
	})
}

// TestAnyCall plays many random calls, and checks that payments are made.
func TestAnyCall(t *testing.T) {
	t.Parallel()
	j, err := validator.New(contract.JSON())
	if err != nil {
		t.Fatal(err)
	}
	const calls, rounds, seed = 40, 6, 1
	r := rand.New(rand.NewPCG(seed, 0))
	var charges, tokens, callbacks int
	for range calls {
		var steps []byte
		for range rounds {
			steps = append(steps, byte(r.IntN(32))<<3) // create, in any way
			for field, entry := range []byte{0, 4, 6, 8, 0, 6, 9, 10} {
				if r.IntN(20) > 0 {
					steps = append(steps, byte(field)<<3|1, entry<<3|4)
				}
				if r.IntN(10) == 0 {
					steps = append(steps, byte(r.IntN(256)))
				}
			}
			steps = append(steps, 3, 1<<3|6) // complete, confirm
			if r.IntN(4) == 0 {
				steps = append(steps, 3<<3|3) // cancel
			}
		}
		srv := play(t, j, steps)
		charges, tokens, callbacks = charges+len(srv.Charges()), tokens+len(srv.Tokens()), callbacks+len(srv.Callbacks())
		srv.Close()
	}
	t.Logf("seed %d: %d calls, %d callbacks, %d charges, %d tokens", seed, calls, callbacks, charges, tokens)
	if charges < calls/2 || tokens < calls/10 {
		t.Errorf("%d charges and %d tokens on %d calls: the scripts lead nowhere", charges, tokens, calls)
	}
}
