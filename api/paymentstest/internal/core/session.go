package core

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// session is a payment session. It is open until it is over, and deciding while
// the gateway has been asked.
type session struct {
	sid        string
	number     int // counts sessions from 1
	accountSID string
	call       *call
	params     params
	created    time.Time
	updated    time.Time
	touched    time.Time // the last request
	stamped    time.Time // the last date written to a callback
	callbacks  int
	timers     int

	createURL string
	lastURL   string // of the last request, where unsolicited endings go
	finalURL  string // of the request that asked the gateway

	values     values
	matched    map[payments.Capture]bool
	asked      map[payments.Capture]int
	entry      *entry // what the caller is typing, nil between captures
	confirming bool   // the caller is asked to press 1 or 2
	reply      string // the key pressed then, see TypedConfirm
	deciding   bool
	over       bool

	key  string  // the idempotency key of complete
	keys []keyID // of the requests that took effect

	// Of a session that is over.
	outcome ending
	masked  map[payments.Capture]string
	card    payments.CardType
}

// values are captured digits. They are never printed.
type values map[payments.Capture]string

// Format hides the digits from every verb.
func (values) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("…")) }

const matcher = "-matcher"

// FieldOf returns the field a capture is for, and whether the capture is the
// field's matcher.
func FieldOf(capture payments.Capture) (field payments.Capture, again bool) {
	name, again := strings.CutSuffix(string(capture), matcher)
	return payments.Capture(name), again
}

// required lists the captures still to be made, in the order of the form.
func (s *session) required(hideMatchers bool) []payments.Capture {
	var missing []payments.Capture
	if len(s.values) < len(s.params.fields) || len(s.matched) < len(s.params.matching) {
		missing = make([]payments.Capture, 0, len(s.params.fields)+len(s.params.matching))
	}
	for _, field := range s.params.fields {
		if _, done := s.values[field]; !done {
			missing = append(missing, field)
		}
		if !hideMatchers && slices.Contains(s.params.matching, field) && !s.matched[field] {
			missing = append(missing, field+matcher)
		}
	}
	return missing
}

// accepts reports whether a capture belongs to the session: card fields to
// cards, bank fields to ACH, matchers to sessions that require them.
func (s *session) accepts(capture payments.Capture) bool {
	field, again := FieldOf(capture)
	if again && !slices.Contains(s.params.matching, field) {
		return false
	}
	bank := field == payments.CaptureBankRoutingNumber || field == payments.CaptureBankAccountNumber
	return bank == (s.params.method == payments.PaymentMethodACHDebit)
}

// cardType is the brand of the captured card, empty for none.
func (s *session) cardType() payments.CardType {
	if s.over {
		return s.card
	}
	number := s.values[payments.CapturePaymentCardNumber]
	if number == "" {
		return ""
	}
	b, _ := brandOf(number)
	return b.card
}

// finish ends a session and reports it to url. Of what was captured only the masks
// are kept.
func (m *Machine) finish(s *session, url string, e ending, why Reason, assumption string) {
	m.end(s, e, why)
	m.callbackEnd(s, url, assumption)
	m.emitAssuming(assumption, SessionEnded{State: m.stateOf(s)})
	m.retire(s)
}

func (m *Machine) end(s *session, e ending, why Reason) {
	m.closePrompt(s, why, "")
	s.masked, s.card = m.maskedValues(s), s.cardType()
	s.deciding, s.over, s.outcome, s.updated = false, true, e, m.now
	s.values, s.matched, s.asked = nil, nil, nil
	s.params.description, s.params.parameter, s.key = "", wire.Parameters{}, ""
}

// expire ends a session, without a callback, that got no request for
// SessionLifetime.
func (m *Machine) expire(s *session) {
	limit := m.config.Assumptions.SessionLifetime
	if limit > 0 && s != nil && !s.over && !s.deciding && m.now.Sub(s.touched) >= limit {
		m.end(s, ending{}, SessionOver)
		m.emitAssuming("SessionLifetime", SessionEnded{State: m.stateOf(s)})
		m.retire(s)
	}
}
