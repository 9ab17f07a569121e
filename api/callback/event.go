package callback

import (
	"errors"
	"net/url"

	"github.com/twiliopay/twiliopay-go/generated"
)

// ErrNoSession is the error of [Parse] for a form without Sid: whatever it is,
// it is not the status of a payment session.
var ErrNoSession = errors.New("callback: Sid is missing, so this is no payment status")

// Event is one status callback: what happened in a payment session. Its fields
// are those of [Details], read as e.Kind, e.Result, e.CallSID and so on.
//
// An Event is made by [Parse] or comes to the function of [NewHandler]; the
// zero Event has no fields, and reading one panics. Copies share their fields.
//
// However it is printed, logged or encoded as JSON, an Event shows who, what
// and how it ended, and never the token, the confirmation code, the profile, a
// card or bank field, free text of the gateway, or a parameter this package
// does not know. To store an event whole, store e.Raw().Encode() and parse it
// again.
type Event struct{ *sealed }

// sealed keeps the fields two pointers deep. When an Event is an unexported
// field of a struct, fmt calls none of its methods and prints what it finds,
// but it never follows a second pointer.
type sealed struct{ *Details }

// Details are the fields of an [Event]. They are printed as the Event is.
type Details struct {
	// StatusEvent has the documented parameters. Taken out of the Event and
	// printed by itself, it shows them all.
	generated.StatusEvent

	// Kind tells what the callback reports.
	Kind Kind

	// Extra has the parameters that are not documented; nil when there are
	// none. Twilio adds parameters without notice.
	Extra url.Values

	form       form
	mentioned  uint64 // the documented parameters that came, by field number
	deliveryID string // empty for an event of Parse, as is the next
	signedURL  string
}

// Parse reads the form of a status callback that is already known to come from
// Twilio; [NewHandler] checks that and parses by itself.
//
// The only error is [ErrNoSession]. Unknown enum values are kept, a date that
// cannot be read is the zero time, and of a documented parameter that is
// repeated the first value counts: an outcome must not be lost for a detail.
func Parse(form url.Values) (Event, error) { return parseEvent(formOf(form)) }

func parseEvent(f form) (Event, error) {
	var made struct { // in one piece of memory
		sealed
		details Details
	}
	d := &made.details
	made.sealed.Details = d
	d.form = f
	d.read(f)
	if d.SID == "" {
		return Event{}, ErrNoSession
	}
	d.Kind = d.kind()
	return Event{&made.sealed}, nil
}

// Raw returns a copy of the whole form, secrets included. Of a delivery to
// [NewHandler] it is what was signed: the values of a repeated name are sorted,
// and one that came twice is there once.
func (e Event) Raw() url.Values { return e.details().form.values() }

// details returns the fields, and those of an empty event for the zero Event.
func (e Event) details() *Details {
	if e.sealed == nil {
		return new(Details)
	}
	return e.Details
}
