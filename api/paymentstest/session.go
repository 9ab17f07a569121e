package paymentstest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// session is a payment session. The server's lock guards it.
type session struct {
	sid        string
	accountSID string
	call       *Call
	terms      terms
	created    time.Time
	updated    time.Time
	stamped    time.Time // the last date written to a callback
	touched    time.Time // the last request

	createURL string
	lastURL   string                   // of the last request, where unsolicited endings go
	asked     map[payments.Capture]int // made at the first capture, as the next two
	values    values
	matched   map[payments.Capture]bool
	entry     *entry // what the caller is typing; nil while nothing is asked
	confirms  bool   // the caller is asked to press 1 or 2
	finished  bool
	key       string  // the idempotency key of complete
	keys      []keyID // of the requests that took effect

	outcome  ending                      // of a session that has finished
	captured map[payments.Capture]string // what it had captured, masked
	brand    payments.CardType

	number   int          // counts sessions from 1
	pending  *pending     // the payment is with the gateway
	prompt   *PromptEntry // what the caller is asked, nil for nothing
	prompted int64        // its entry in the journal
	lastKey  *KeyEntry    // pressed in reply
	mail     mailbox
}

// values are captured digits. They print as nothing.
type values map[payments.Capture]string

// entry is a field the caller is asked for, and the digits so far.
type entry struct {
	capture payments.Capture
	url     string
	digits  []byte
	stop    func() bool // of the timer for the next digit
	timer   int         // tells the timer from those before it
}

func (s *Server) newSession(call *Call, rec *Request, t terms) *session {
	now := s.config.clock.Now()
	call.sessions++
	s.opened++
	name := []string{"session", call.SID, strconv.Itoa(call.sessions)}
	if call.era > 0 {
		name = append(name, strconv.Itoa(call.era))
	}
	return &session{
		number: s.opened, sid: "PK" + s.derive(32, name...),
		accountSID: rec.AccountSID, call: call, terms: t, created: now, updated: now, touched: now,
		createURL: rec.Form.Get("StatusCallback"), lastURL: rec.Form.Get("StatusCallback"),
	}
}

const matcher = "-matcher"

// fieldOf returns the field a capture is for, and whether it is asked for the
// second time, to be matched.
func fieldOf(capture payments.Capture) (payments.Capture, bool) {
	field, again := strings.CutSuffix(string(capture), matcher)
	return payments.Capture(field), again
}

// required lists the captures still to be made, in the order of the form.
func (s *session) required(hideMatchers bool) []payments.Capture {
	var missing []payments.Capture
	for _, field := range s.terms.fields {
		if _, done := s.values[field]; !done {
			missing = append(missing, field)
		}
		if !hideMatchers && slices.Contains(s.terms.matching, field) && !s.matched[field] {
			missing = append(missing, field+matcher)
		}
	}
	return missing
}

// takes reports whether a capture belongs to the session: card fields to cards,
// bank fields to ACH, matchers where they were asked for.
func (s *session) takes(capture payments.Capture) bool {
	field, again := fieldOf(capture)
	if again && !slices.Contains(s.terms.matching, field) {
		return false
	}
	bank := field == payments.CaptureBankRoutingNumber || field == payments.CaptureBankAccountNumber
	return bank == (s.terms.method == payments.PaymentMethodACHDebit)
}

// end closes the session and forgets what was captured, which is why what is
// shown of it comes back: masked, for the last callback.
func (s *session) end(c config) map[string]string {
	shown := s.shown(c)
	s.captured, s.brand = s.shownCaptures(c), s.cardType()
	s.dropEntry()
	s.confirms, s.finished = false, true
	s.values, s.matched, s.asked = nil, nil, nil
	s.terms.description, s.terms.parameter, s.key = "", wire.Parameters{}, ""
	return shown
}

// shown are the captured fields as callbacks show them.
func (s *session) shown(c config) map[string]string {
	shown := map[string]string{}
	for field, digits := range s.values {
		shown[parameterOf(field)] = c.show(field, digits)
	}
	if card := s.cardType(); card != "" {
		shown["PaymentCardType"] = string(card)
	}
	return shown
}

func (s *session) dropEntry() {
	if s.entry != nil && s.entry.stop != nil {
		s.entry.stop()
	}
	s.entry = nil
}
