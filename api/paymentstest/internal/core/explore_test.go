package core

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// explorer gives a machine inputs that bytes choose, on two calls, and checks the
// invariants.
type explorer struct {
	t   testing.TB
	m   *Machine
	now time.Time

	sessions  []string // all that were opened
	requests  []Request
	committed bool              // the last of them took effect
	sids      map[string]string // the last session of a call
	open      map[string]bool
	completed map[string]bool // a complete was accepted
	deciding  map[string]bool
	paid      map[string]bool
	prompts   map[string]bool   // that a session has open
	timers    map[string]int    // that are running
	typed     map[string]string // digits of the entry in progress
	hidden    map[string]bool
	clear     map[string]bool
}

func newExplorer(t testing.TB, c Config) *explorer {
	return &explorer{
		t: t, m: New(c), now: testStart, sids: map[string]string{}, open: map[string]bool{}, completed: map[string]bool{},
		deciding: map[string]bool{}, paid: map[string]bool{}, prompts: map[string]bool{},
		timers: map[string]int{}, typed: map[string]string{}, hidden: map[string]bool{}, clear: map[string]bool{},
	}
}

var (
	exploredCreates = []string{
		"ChargeAmount=5&SecurityCode=false&PostalCode=false", "ChargeAmount=5", "Confirmation=true&PostalCode=false&ChargeAmount=1",
		"RequireMatchingInputs=payment-card-number,security-code&PostalCode=false", "ChargeAmount=1.001", "TokenType=one-time&PostalCode=false",
		`PaymentMethod=ach-debit&Parameter={"AVSName":"A"}`, "PaymentMethod=ach-debit",
	}
	exploredCaptures = []payments.Capture{
		"payment-card-number", "expiration-date", "security-code", "postal-code", "payment-card-number-matcher",
		"security-code-matcher", "bank-routing-number", "bank-account-number", "new-field",
	}
	exploredEntries = []string{
		"4111111111111111", "378282246310005", "4242424242424242", "1299", "0199", "123", "1234", "94109",
		"121181976", "123456789", "4", "9999999999999999999999",
	}
)

// step applies the input that a byte chooses.
func (x *explorer) step(b byte) {
	callSID := fmt.Sprintf("CA%032x", b>>7)
	n := int(b>>3) & 15
	switch b & 7 {
	case 0:
		form, err := url.ParseQuery(exploredCreates[n%len(exploredCreates)])
		if err != nil {
			x.t.Fatal(err)
		}
		x.request(Create, callSID, form)
	case 1:
		x.request(Capture, callSID, url.Values{"Capture": {string(exploredCaptures[n%len(exploredCaptures)])}})
	case 2:
		switch {
		case n < 9:
			x.request(Complete, callSID, url.Values{"Status": {"complete"}})
		case n < 12:
			x.request(Cancel, callSID, url.Values{"Status": {"cancel"}})
		case n < 13:
			x.request(Update, callSID, url.Values{})
		case len(x.requests) > 0:
			x.repeat(x.requests[len(x.requests)-1])
		}
	case 3, 4:
		for i, key := range []byte(exploredEntries[n%len(exploredEntries)]) {
			x.apply(Key{CallSID: callSID, Key: key, Follows: i > 0})
		}
		x.apply(EndEntry{CallSID: callSID})
	case 5:
		x.apply(Key{CallSID: callSID, Key: "0123456789*#x12#"[n]})
	case 6:
		if sid := x.sids[callSID]; n < 8 {
			x.apply(TimerFired{SID: sid, N: x.timers[sid] - n/2})
		} else {
			x.apply(Decided{SID: sid, Verdict: []Verdict{{}, {}, {Code: 64008}, {Result: "other"}}[n%4]})
		}
	case 7:
		x.now = x.now.Add(time.Duration(4*n) * time.Second)
		if n == 15 {
			x.apply(HangUp{CallSID: callSID})
		}
	}
}

func (x *explorer) request(op Operation, callSID string, form url.Values) {
	form.Set("IdempotencyKey", fmt.Sprint("key", len(x.requests)))
	form.Set("StatusCallback", "https://pay.example.com/status")
	r := Request{Operation: op, AccountSID: testAccount, CallSID: callSID, Path: "/path", Form: form}
	if op != Create {
		r.SID = x.sids[callSID]
	}
	x.requests = append(x.requests, r)
	effects := x.apply(r)
	response, is := effects[len(effects)-1].Event.(Response)
	if !is {
		x.t.Fatalf("the last effect of a request is %s", describe(effects[len(effects)-1].Event))
	}
	if response.Committed && op == Create {
		x.sids[callSID] = response.Session.SID
	}
	x.committed = response.Committed
	if response.Committed != (response.Status < 300) || response.Replayed {
		x.t.Errorf("a new request gets %+v", response)
	}
}

// repeat sends the last request again. It gets the same response; one that was
// refused is acted on again.
func (x *explorer) repeat(r Request) {
	effects := x.apply(r)
	response := effects[len(effects)-1].Event.(Response)
	if response.Replayed && len(effects) != 1 {
		x.t.Errorf("a replay has the effects %q", describeAll(effects))
	}
	if x.committed && !response.Replayed && !x.m.config.Assumptions.ReuseKeys {
		x.t.Errorf("a request that took effect comes again and gets %+v", response)
	}
	x.committed = x.committed || response.Committed
}

func (x *explorer) apply(in Input) []Effect {
	if k, is := in.(Key); is {
		x.typing(k)
	}
	effects := x.m.Apply(x.now, in)
	for i, e := range effects {
		if e.Cause >= i || e.Cause < Root {
			x.t.Errorf("effect %d has the cause %d", i, e.Cause)
		}
		x.check(e.Event, in)
		x.searchDigits(e.Event)
	}
	return effects
}

// typing remembers what the caller types: no effect may show what is hidden, and
// callbacks show what is clear.
func (x *explorer) typing(k Key) {
	p, is := x.m.Prompt(k.CallSID)
	if !is || p.Capture == "" || k.Key < '0' || k.Key > '9' {
		return
	}
	x.typed[p.SID] += string(k.Key)
	switch field, _ := FieldOf(p.Capture); field {
	case payments.CapturePaymentCardNumber, payments.CaptureBankAccountNumber:
		x.hidden[x.typed[p.SID]] = true
	default:
		x.clear[x.typed[p.SID]] = true
	}
}

// finish ends everything: each session must end.
func (x *explorer) finish() {
	for _, callSID := range []string{fmt.Sprintf("CA%032x", 0), fmt.Sprintf("CA%032x", 1)} {
		x.apply(HangUp{CallSID: callSID})
		x.apply(Decided{SID: x.sids[callSID]})
	}
	for _, sid := range x.sessions {
		if x.open[sid] {
			x.t.Errorf("session %s is still open", sid)
		}
		if st, known := x.m.Session(sid); known && (st.Phase != Ended || (st.Charged || st.Tokenized) != x.paid[sid]) {
			x.t.Errorf("session %s is %s, charged %t, tokenized %t, paid %t", sid, st.Phase, st.Charged, st.Tokenized, x.paid[sid])
		}
	}
}

// exploredConfig is also chosen by a byte.
func exploredConfig(b byte) Config {
	c := Config{Seed: 1, Live: b&1 == 1, Assumptions: Assumptions{
		ReuseKeys: b&2 != 0, HideMatchers: b&4 != 0, RecaptureForgetsSecurityCode: b&8 != 0, EndToCreateURL: b&16 != 0,
		ReportSessionInProgress: b&32 != 0,
	}}
	if b&64 != 0 {
		c.MaxSessions = 2
	}
	if b&128 != 0 {
		c.Assumptions.SessionLifetime = 20 * time.Second
	}
	return c
}

func explore(t testing.TB, inputs []byte) *explorer {
	var first byte
	if len(inputs) > 0 {
		first, inputs = inputs[0], inputs[1:]
	}
	x := newExplorer(t, exploredConfig(first))
	for _, b := range inputs {
		x.step(b)
	}
	x.finish()
	return x
}

// FuzzMachine explores the machine.
func FuzzMachine(f *testing.F) {
	f.Add([]byte{0, 0, 1, 3, 9, 27, 2, 70})
	f.Fuzz(func(t *testing.T, inputs []byte) {
		if len(inputs) > 300 {
			inputs = inputs[:300]
		}
		explore(t, inputs)
	})
}

// TestExplore plays random inputs, half of them on the way to a payment, and checks
// that payments are made.
func TestExplore(t *testing.T) {
	t.Parallel()
	const runs, seed = 80, 1
	r := rand.New(rand.NewPCG(seed, 0))
	sessions, paid, declined := 0, 0, 0
	for range runs {
		inputs := []byte{byte(r.IntN(256))}
		for range 8 {
			inputs = append(inputs, byte(r.IntN(8))<<3) // create
			for _, pair := range [][2]byte{{0, 0}, {1, 3}, {2, 5}, {4, 0}, {5, 5}, {6, 8}, {7, 9}} {
				if r.IntN(12) > 0 {
					inputs = append(inputs, pair[0]<<3|1, pair[1]<<3|3)
				}
				switch r.IntN(12) {
				case 0:
					inputs = append(inputs, byte(r.IntN(256)))
				case 1: // two digits, and a timer
					inputs = append(inputs, pair[0]<<3|1, 4<<3|5, 4<<3|5, byte(r.IntN(8))<<3|6)
				}
			}
			inputs = append(inputs, 2, 1<<3|5) // complete, confirm
			for r.IntN(2) == 0 {
				inputs = append(inputs, byte(r.IntN(128)), 13<<3|2) // anything, and the last request again
			}
			inputs = append(inputs, byte(8+r.IntN(8))<<3|6) // verdict
		}
		x := explore(t, inputs)
		sessions, paid = sessions+len(x.sessions), paid+len(x.paid)
		for _, sid := range x.sessions {
			if st, known := x.m.Session(sid); known && st.Code != 0 {
				declined++
			}
		}
	}
	t.Logf("seed %d: %d runs, %d sessions, %d paid, %d declined", seed, runs, sessions, paid, declined)
	if paid < runs/2 || declined < runs/20 {
		t.Errorf("%d of %d sessions are paid, %d declined: the inputs lead nowhere", paid, sessions, declined)
	}
}
