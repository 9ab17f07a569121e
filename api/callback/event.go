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

// ErrNoSession is the error of [Parse] for a form without Sid, which cannot be a
// payment status callback.
var ErrNoSession = errors.New("callback: not a payment status callback: Sid is missing")

// Event is one status callback: what happened in a payment session. The function
// of [NewHandler] gets it, and [Parse] returns one. The fields and methods of the
// zero Event return empty values.
//
// The fields of [generated.StatusEvent] are read as e.SID and so on:
//
//   - [Event.Kind]: what the callback reports
//   - [generated.StatusEvent.AccountSID], [generated.StatusEvent.CallSID],
//     [generated.StatusEvent.SID]: of the account, the call, the session
//   - [generated.StatusEvent.DateCreated], [generated.StatusEvent.DateUpdated]
//   - [generated.StatusEvent.PaymentMethod], [generated.StatusEvent.ChargeAmount]
//   - [generated.StatusEvent.Capture], [generated.StatusEvent.PartialResult],
//     [generated.StatusEvent.Required], [generated.StatusEvent.ErrorType]:
//     the field asked for, whether the caller is still typing, what is missing, why the entry was refused
//   - [generated.StatusEvent.Result], [generated.StatusEvent.PayErrorCode]: how
//     the session ended, and Twilio's error code
//
// These are hidden and read as e.PaymentToken.Reveal(); see [wire.Hidden]:
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
// However it is printed, logged or encoded, an Event shows its SIDs, progress and
// result, and never hidden or undocumented parameters. That holds for every verb
// of fmt, slog, JSON, XML and YAML, in unexported fields too; gob refuses it. To
// store a complete event, store e.Raw().Encode() and parse it again.
type Event struct {
	generated.StatusEvent

	// Kind says what the callback reports.
	Kind Kind

	mentioned uint64         // the documented parameters present, by field number
	origin    func() *origin // behind a function, so that it is never printed; nil in the zero Event
}

// origin is the form and the delivery of an event.
type origin struct {
	form       signature.Form
	deliveryID string // empty for an event from Parse, like signedURL
	signedURL  string
}

// Parse reads the form of a status callback that is known to come from Twilio. A
// handler from [NewHandler] verifies and parses by itself.
//
// The only error is [ErrNoSession]: a detail must not lose an outcome. Unknown enum
// values are kept, an unreadable date is the zero time, and of a repeated
// documented parameter the first value counts.
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

// Raw returns a copy of the whole form, secrets included. In a handler from
// [NewHandler] it is the signed form: the values of a repeated name are sorted and
// without duplicates.
func (e Event) Raw() url.Values { return e.from().form.Values() }

// Extra returns the undocumented parameters; nil if there are none. Twilio adds
// parameters without notice. They may be secrets.
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

// fieldNumbers maps each documented parameter to its field in the generated
// struct, so that a new parameter of the contract needs no code here. A test checks
// that there are fewer than 64.
var fieldNumbers = func() map[string]int {
	t := reflect.TypeFor[generated.StatusEvent]()
	numbers := make(map[string]int, t.NumField())
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		numbers[name] = i
	}
	return numbers
}()

// read fills the documented fields. Hidden fields read f later, through one shared
// function, so f must not change.
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

// mentions reports whether the callback has the parameter, empty or not.
func (e Event) mentions(name string) bool { return e.mentioned&(1<<fieldNumbers[name]) != 0 }

// Kind is what a status callback reports. Twilio sends no such parameter; Kind is
// inferred from the parameters present.
type Kind string

const (
	// Started reports a new session: none of the parameters named below is present.
	Started Kind = "started"
	// Updated reports a capture that was asked for, is in progress or has finished:
	// Capture, Required, PartialResult or ErrorType is present.
	Updated Kind = "updated"
	// Completed reports the end of a session, with success or not: Result is present.
	Completed Kind = "completed"
)

func (e Event) kind() Kind {
	switch {
	case e.Result != "":
		return Completed
	case e.mentions("Capture"), e.mentions("Required"), e.mentions("PartialResult"), e.mentions("ErrorType"):
		return Updated // an empty Result means none
	case e.mentions("Result"):
		return Completed
	}
	return Started
}

// CardLast4 returns the last four digits of the card number, "" while they are
// unknown. It reads every mask that Twilio documents or was seen to send, such as
// "xxxxxxxxxxxx1111", "xxxx-xxxxxx-x4001" and "**** **** **** 1111".
func (e Event) CardLast4() string { return lastDigits(e.PaymentCardNumber.Reveal()) }

// lastDigits returns the last four digits of s, without separators. It returns ""
// if anything else, such as a mask, comes among them.
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

// Partial reports whether the caller is still entering digits: PartialResult is
// "true". Any other value, or none, is final.
func (e Event) Partial() bool {
	return strings.EqualFold(strings.TrimSpace(e.PartialResult), "true")
}

// Missing returns the captures that Required lists, in its order: the fields that
// the session still needs before it can complete. Twilio's documentation writes
// "ExpirationDate", its callbacks were seen to write "expiration-date"; both become
// the value of Capture. An unknown name is kept unchanged.
func (e Event) Missing() []Capture {
	var missing []Capture
	for name := range strings.SplitSeq(e.Required, ",") {
		if c := captureNamed(strings.TrimSpace(name)); c != "" && !slices.Contains(missing, c) {
			missing = append(missing, c)
		}
	}
	return missing
}

// CanComplete reports whether this event says that everything is captured: it is
// the final update of an entry, reports no error and lists no missing field. The
// session can then be completed unless a capture was asked for since;
// [State.CanComplete] considers all events.
func (e Event) CanComplete() bool {
	return e.Kind == Updated && !e.Partial() && e.ErrorType == "" && len(e.Missing()) == 0
}

// Retryable reports whether the agent may ask for the field again: the entry
// failed because of what the caller did, and the session is still open. After
// [ErrorTypeInvalidCardNumberSecurityCodeCaptureSequence], ask for the card number
// first. It is false for an unknown error type.
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

// captureNamed returns the capture with this name, in kebab or Pascal case.
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
	if c == "payment-card-postal-code" { // the parameter's name for the postal code
		return generated.CapturePostalCode
	}
	if !c.Valid() {
		return Capture(name)
	}
	return c
}
