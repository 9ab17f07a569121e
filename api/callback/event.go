package callback

import (
	"errors"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/callback/internal/signature"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/generated"
)

// ErrNoSession is the error of [Parse] for a form without Sid: whatever it is,
// it is not the status of a payment session.
var ErrNoSession = errors.New("callback: Sid is missing, so this is no payment status")

// Event is one status callback: what happened in a payment session. It is made
// by [Parse] or comes to the function of [NewHandler]; the fields of the zero
// Event are empty.
//
// The fields, of [generated.StatusEvent], are read as e.Kind, e.SID and so on:
//
//   - [Event.Kind]: what the callback reports
//   - [generated.StatusEvent.AccountSID], [generated.StatusEvent.CallSID],
//     [generated.StatusEvent.SID]: of the account, the call, the session
//   - [generated.StatusEvent.DateCreated], [generated.StatusEvent.DateUpdated]
//   - [generated.StatusEvent.PaymentMethod], [generated.StatusEvent.ChargeAmount]
//   - [generated.StatusEvent.Capture], [generated.StatusEvent.PartialResult],
//     [generated.StatusEvent.Required], [generated.StatusEvent.ErrorType]:
//     the field asked for, how far it is, what is missing, why it was not taken
//   - [generated.StatusEvent.Result], [generated.StatusEvent.PayErrorCode]: how
//     the session ended, with Twilio's code of a failure
//
// These are hidden, and read as e.PaymentToken.Reveal(); see [wire.Hidden]:
//
//   - [generated.StatusEvent.PaymentToken], [generated.StatusEvent.ProfileID],
//     [generated.StatusEvent.PaymentConfirmationCode],
//     [generated.StatusEvent.TokenType]
//   - [generated.StatusEvent.PaymentCardNumber],
//     [generated.StatusEvent.PaymentCardType],
//     [generated.StatusEvent.ExpirationDate],
//     [generated.StatusEvent.SecurityCode],
//     [generated.StatusEvent.PaymentCardPostalCode]
//   - [generated.StatusEvent.BankAccountNumber],
//     [generated.StatusEvent.BankAccountType],
//     [generated.StatusEvent.BankRoutingNumber]
//   - [generated.StatusEvent.PaymentConnector],
//     [generated.StatusEvent.PaymentError],
//     [generated.StatusEvent.ConnectorError]
//
// However it is printed, logged or encoded, an Event shows who, what and how it
// ended, and never what is hidden or what this package does not know. That holds
// for every verb of fmt, slog, JSON, XML and YAML, in unexported fields too; gob
// refuses it. To store an event whole, store e.Raw().Encode() and parse it again.
type Event struct {
	generated.StatusEvent

	// Kind says what the callback reports.
	Kind Kind

	mentioned uint64         // the documented parameters that came, by field number
	origin    func() *origin // behind a function, so that nothing prints it; nil in the zero Event
}

// origin is where an event came from.
type origin struct {
	form       signature.Form
	deliveryID string // empty for an event of Parse, as is the next
	signedURL  string
}

// Parse reads the form of a status callback that is already known to come from
// Twilio; [NewHandler] checks that and parses by itself.
//
// The only error is [ErrNoSession]. Unknown enum values are kept, a date that
// cannot be read is the zero time, and of a documented parameter that is
// repeated the first value counts: an outcome must not be lost for a detail.
func Parse(form url.Values) (Event, error) { return parseEvent(&origin{form: signature.FormOf(form)}) }

func parseEvent(o *origin) (Event, error) {
	var e Event
	e.read(o.form)
	if e.SID == "" {
		return Event{}, ErrNoSession
	}
	e.Kind = e.kind()
	e.origin = func() *origin { return o }
	return e, nil
}

// Raw returns a copy of the whole form, secrets included. Of a delivery to
// [NewHandler] it is what was signed: the values of a repeated name are sorted,
// and one that came twice is there once.
func (e Event) Raw() url.Values { return e.from().form.Values() }

// Extra returns the parameters that are not documented; nil when there are
// none. Twilio adds parameters without notice. They may be secrets.
func (e Event) Extra() url.Values {
	var extra url.Values
	for _, p := range e.from().form {
		if _, documented := fieldNumbers[p.Key]; documented {
			continue
		}
		if extra == nil {
			extra = make(url.Values)
		}
		extra[p.Key] = append(extra[p.Key], p.Value)
	}
	return extra
}

// from returns the event's origin, an empty one for the zero Event.
func (e Event) from() *origin {
	if e.origin == nil {
		return new(origin)
	}
	return e.origin()
}

// fieldNumbers maps each documented parameter to the field of the generated
// struct that holds it, so that a parameter the contract gains needs no code
// here. There are fewer than 64 of them, as a test shows.
var fieldNumbers = func() map[string]int {
	t := reflect.TypeFor[generated.StatusEvent]()
	numbers := make(map[string]int, t.NumField())
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		numbers[name] = i
	}
	return numbers
}()

// read fills the documented fields. Those that are hidden read f later, through
// one function, so f must not change.
func (e *Event) read(f signature.Form) {
	fields := reflect.ValueOf(&e.StatusEvent).Elem()
	values := func(i int) string { return f[i].Value }
	for i, p := range f {
		number, documented := fieldNumbers[p.Key]
		if !documented || e.mentioned&(1<<number) != 0 {
			continue
		}
		e.mentioned |= 1 << number
		field := fields.Field(number)
		if field.Kind() == reflect.String {
			field.SetString(p.Value)
			continue
		}
		switch field := field.Addr().Interface().(type) {
		case *wire.Time:
			*field, _ = wire.ParseTime(p.Value)
		case interface{ HideAt(func(int) string, int) }: // a wire.Hidden
			field.HideAt(values, i)
		}
	}
}

// mentions reports whether the callback had the parameter, be it empty.
func (e Event) mentions(name string) bool { return e.mentioned&(1<<fieldNumbers[name]) != 0 }

// Kind is what a status callback reports. Twilio sends no such parameter: it is
// inferred from the parameters present.
type Kind string

const (
	// Started reports a new session: none of the parameters below is there.
	Started Kind = "started"
	// Updated reports a capture, asked for, going on or finished: there is
	// Capture, Required, PartialResult or ErrorType.
	Updated Kind = "updated"
	// Completed reports the end of a session, good or bad: there is a Result.
	Completed Kind = "completed"
)

func (e Event) kind() Kind {
	switch {
	case e.Result != "":
		return Completed
	case e.mentions("Capture"), e.mentions("Required"), e.mentions("PartialResult"), e.mentions("ErrorType"):
		return Updated // an empty Result says that there is none
	case e.mentions("Result"):
		return Completed
	}
	return Started
}

// CardLast4 returns the last four digits of the card number, "" while they are
// not known. It reads every mask that was seen or is documented, such as
// "xxxxxxxxxxxx1111", "xxxx-xxxxxx-x4001" and "**** **** **** 1111".
func (e Event) CardLast4() string { return lastDigits(e.PaymentCardNumber.Reveal()) }

// lastDigits returns the four digits that end s, separators left out. Anything
// but a digit or a separator before there are four, such as a mask, means that
// there are none.
func lastDigits(s string) string {
	var last [4]byte
	n := len(last)
	for i := len(s) - 1; i >= 0 && n > 0; i-- {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			n--
			last[n] = c
		case c != '-' && c != ' ':
			return ""
		}
	}
	if n > 0 {
		return ""
	}
	return string(last[:])
}

// Partial reports whether the caller is still entering: PartialResult is
// "true". Anything else, and no PartialResult at all, is final.
func (e Event) Partial() bool {
	return strings.EqualFold(strings.TrimSpace(e.PartialResult), "true")
}

// Missing returns the captures that Required lists, in its order: what the
// session still needs before it can complete. Twilio is documented to write
// them as "ExpirationDate" and seen to write "expiration-date"; both become the
// value that Capture takes. A name that is not known is kept as it is.
func (e Event) Missing() []Capture {
	var missing []Capture
	for name := range strings.SplitSeq(e.Required, ",") {
		if c := captureNamed(strings.TrimSpace(name)); c != "" && !slices.Contains(missing, c) {
			missing = append(missing, c)
		}
	}
	return missing
}

// CanComplete reports whether this event says that everything is captured: it
// is the final update of an entry, reports no error and lists nothing as
// missing. The session can then be completed, if no capture was asked for
// since; [State] says it over all events.
func (e Event) CanComplete() bool {
	return e.Kind == Updated && !e.Partial() && e.ErrorType == "" && len(e.Missing()) == 0
}

// Retryable reports whether the agent may ask for the field again: the entry
// failed for something the caller did, and the session is still open. After
// [ErrorTypeInvalidCardNumberSecurityCodeCaptureSequence] the card number has
// to come first. An error type that is not known is not called retryable.
func (e Event) Retryable() bool {
	if e.Kind == Completed {
		return false
	}
	switch e.ErrorType {
	case ErrorTypeInputTimeout, ErrorTypeInputMatchingFailed,
		ErrorTypeInvalidCardNumber, ErrorTypeInvalidCardType, ErrorTypeInvalidDate, "date-validation-failed",
		ErrorTypeInvalidSecurityCode, ErrorTypeInvalidPostalCode, ErrorTypeInvalidBankRoutingNumber,
		ErrorTypeInvalidBankAccountNumber, ErrorTypeInvalidBankAccountType,
		ErrorTypeInvalidCardNumberSecurityCodeCaptureSequence:
		return true
	}
	return false
}

// captureNamed returns the capture that name means, in kebab or Pascal case.
func captureNamed(name string) Capture {
	var b strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('-')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	c := Capture(b.String())
	if c == "payment-card-postal-code" { // what the postal code's own parameter is called
		return generated.CapturePostalCode
	}
	if !c.Valid() {
		return Capture(name)
	}
	return c
}
