package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/generated"
)

// Message is what a [Bus] carries: one status callback, or a note from one
// machine to the others. However it is printed, logged or encoded, in an
// unexported field too, it shows which session it is of and never the callback.
type Message struct {
	// Session is the session the message is of. Its CallSID is the call that
	// the session was started on, even if Twilio names the parent leg instead.
	Session Session
	// ID identifies the delivery by its URL and form, which Twilio signed: a
	// repeated delivery is the same message.
	ID string
	// Flow and Step come from the StatusCallback that the delivery was posted
	// to: which start of a session, and which request of it, counted from 0.
	// Flow is empty for a session that this package did not start.
	Flow string
	Step int
	// Body is the form that Twilio posted, tokens included. It is empty for
	// NoteCancelled.
	//
	// Every printer hides it; m.Body.Reveal() reads it.
	Body wire.Hidden[string]
	// Note is what one machine publishes to the others; empty for a callback.
	Note Note
	// Final reports that the session ends with this message and that no other
	// outcome can follow. A bus that needs room drops such sessions first. It is
	// false after a hang-up, for example: a payment in progress may still succeed.
	Final bool
}

// Note is what a machine publishes to the others about a session.
type Note string

// NoteCancelled: Twilio accepted a cancel of the session.
const NoteCancelled Note = "cancelled"

// NoteSettled: [Reconcile] has recorded how the session ended. The body is what
// Twilio would have posted.
const NoteSettled Note = "settled"

// Event returns the callback, and callback.ErrNoSession for a note.
func (m Message) Event() (callback.Event, error) {
	form, err := url.ParseQuery(m.Body.Reveal())
	if err != nil {
		return callback.Event{}, errors.New("flow: the message's body is not a form") // its own text may hold a value
	}
	return callback.Parse(form)
}

// isEnd reports whether the session ends with this message, final or not.
func (m Message) isEnd() bool {
	body := m.Body.Reveal()
	if m.Final || !strings.HasPrefix(body, "Result=") && !strings.Contains(body, "&Result=") {
		return m.Final
	}
	e, err := m.Event()
	return err == nil && e.Kind == callback.Completed
}

// WithoutTokens returns the message as a bus that cannot keep secrets may store
// it: without PaymentToken, ProfileId and undocumented parameters. Card number,
// security code and account number are masked, whatever Twilio sent, and so are
// card numbers in error texts. [Result].TokenWithheld reports that a token was
// left out.
func (m Message) WithoutTokens() Message {
	form, err := url.ParseQuery(m.Body.Reveal())
	if err != nil {
		form = nil
	}
	kept := make(url.Values, len(form))
	for name, values := range form {
		switch {
		case !documented[name]:
		case name == "PaymentToken" || name == "ProfileId":
			if values[0] != "" {
				kept.Set(withheldParameter, "true")
			}
		default:
			for _, value := range values {
				kept.Add(name, maskParameter(name, value))
			}
		}
	}
	m.Body = wire.Hide(kept.Encode())
	return m
}

// withheldParameter is added to the body of a message whose token was left out.
const withheldParameter = "TwiliopayWithheld"

// documented are the parameters of the contract.
var documented = func() map[string]bool {
	names := make(map[string]bool)
	t := reflect.TypeFor[generated.StatusEvent]()
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names[name] = true
	}
	return names
}()

// encodedMessage is a message as Encode writes it.
type encodedMessage struct {
	Format  int     `json:"format,omitempty"`
	Session Session `json:"session"`
	ID      string  `json:"id"`
	Flow    string  `json:"flow,omitempty"`
	Step    int     `json:"step,omitempty"`
	Body    string  `json:"body,omitempty"`
	Note    Note    `json:"note,omitempty"`
	Final   bool    `json:"final,omitempty"`
}

// Equal reports whether m and other are the same message in every field.
func (m Message) Equal(other Message) bool {
	return m.Session == other.Session && m.ID == other.ID && m.Flow == other.Flow && m.Step == other.Step &&
		m.Body.Equal(other.Body) && m.Note == other.Note && m.Final == other.Final
}

// Encode returns the whole message, tokens included, for a bus that stores
// bytes. [DecodeMessage] reads it.
func (m Message) Encode() []byte {
	format := messageFormat
	if m.Note != NoteSettled {
		format = 1 // older versions can read it
	}
	b, err := json.Marshal(encodedMessage{format, m.Session, m.ID, m.Flow, m.Step, m.Body.Reveal(), m.Note, m.Final})
	if err != nil {
		panic(err) // strings, numbers and booleans always encode
	}
	return b
}

// DecodeMessage reads what [Message.Encode] wrote. It returns [ErrFormat] for
// what a newer version of this package wrote, and for anything else.
func DecodeMessage(b []byte) (Message, error) {
	var s encodedMessage
	if err := decode("message", b, messageFormat, &s); err != nil {
		return Message{}, err
	}
	return Message{s.Session, s.ID, s.Flow, s.Step, wire.Hide(s.Body), s.Note, s.Final}, nil
}

// String returns the session and the kind of message.
func (m Message) String() string {
	text := fmt.Sprintf("message{call=%s session=%s step=%d", m.Session.CallSID, m.Session.SID, m.Step)
	if m.Note != "" {
		text += " note=" + string(m.Note)
	}
	return text + "}"
}

// Format prints what String returns, for every verb.
func (m Message) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.String()) }

// MarshalJSON writes what String returns, as one text. It cannot be read back:
// see [Message.Encode].
func (m Message) MarshalJSON() ([]byte, error) { return json.Marshal(m.String()) }

// MarshalText writes what String returns, for encoders such as those of XML and
// YAML.
func (m Message) MarshalText() ([]byte, error) { return []byte(m.String()), nil }
