package callback

import (
	"errors"
	"net/url"

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

	// Kind tells what the callback reports.
	Kind Kind

	mentioned uint64         // the documented parameters that came, by field number
	origin    func() *origin // behind a function, so that nothing prints it; nil in the zero Event
}

// origin is where an event came from.
type origin struct {
	form       form
	deliveryID string // empty for an event of Parse, as is the next
	signedURL  string
}

// Parse reads the form of a status callback that is already known to come from
// Twilio; [NewHandler] checks that and parses by itself.
//
// The only error is [ErrNoSession]. Unknown enum values are kept, a date that
// cannot be read is the zero time, and of a documented parameter that is
// repeated the first value counts: an outcome must not be lost for a detail.
func Parse(form url.Values) (Event, error) { return parseEvent(&origin{form: formOf(form)}) }

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
func (e Event) Raw() url.Values { return e.from().form.values() }

// Extra returns the parameters that are not documented; nil when there are
// none. Twilio adds parameters without notice. They may be secrets.
func (e Event) Extra() url.Values {
	var extra url.Values
	for _, p := range e.from().form {
		if _, documented := fieldNumbers[p.key]; documented {
			continue
		}
		if extra == nil {
			extra = make(url.Values)
		}
		extra[p.key] = append(extra[p.key], p.value)
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
