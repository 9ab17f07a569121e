package callback

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
)

// shown is what an event lets anyone see. It is an allow-list: a parameter that
// is new, documented or not, stays hidden until it is written here.
func (d *Details) shown() []slog.Attr {
	all := [...]slog.Attr{
		slog.String("kind", string(d.Kind)),
		slog.String("account", d.AccountSID),
		slog.String("call", d.CallSID),
		slog.String("session", d.SID),
		slog.String("method", string(d.PaymentMethod)),
		slog.String("amount", string(d.ChargeAmount)),
		slog.String("capture", string(d.Capture)),
		slog.String("partial", d.PartialResult),
		slog.String("required", d.Required),
		slog.String("error_type", string(d.ErrorType)),
		slog.String("result", string(d.Result)),
		slog.String("code", d.PayErrorCode),
	}
	attrs := make([]slog.Attr, 0, len(all))
	for _, a := range all {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	return attrs
}

// String returns the event on one line, without its secrets.
func (d Details) String() string {
	var b strings.Builder
	b.WriteString("event{")
	for i, a := range d.shown() {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(a.Key + "=" + plain(a.Value.String()))
	}
	b.WriteByte('}')
	return b.String()
}

// plain quotes a value that would not read as one word.
func plain(s string) string {
	if q := strconv.Quote(s); q != `"`+s+`"` || strings.ContainsAny(s, " ={}") {
		return q
	}
	return s
}

// GoString returns what String returns, so that %#v hides secrets too.
func (d Details) GoString() string { return d.String() }

// Format prints what String returns, for every verb.
func (d Details) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, d.String()) }

// LogValue logs what String returns, as a group.
func (d Details) LogValue() slog.Value { return slog.GroupValue(d.shown()...) }

// MarshalJSON writes what String returns, as an object. It is for logs and
// cannot be read back: see [Event].
func (d Details) MarshalJSON() ([]byte, error) {
	object := make(map[string]string)
	for _, a := range d.shown() {
		object[a.Key] = a.Value.String()
	}
	return json.Marshal(object)
}

// String returns the event on one line, without its secrets.
func (e Event) String() string { return e.details().String() }

// GoString returns what String returns, so that %#v hides secrets too.
func (e Event) GoString() string { return e.String() }

// Format prints what String returns, for every verb.
func (e Event) Format(f fmt.State, verb rune) { e.details().Format(f, verb) }

// LogValue logs what String returns, as a group.
func (e Event) LogValue() slog.Value { return e.details().LogValue() }

// MarshalJSON writes what String returns, as an object. It is for logs and
// cannot be read back.
func (e Event) MarshalJSON() ([]byte, error) { return e.details().MarshalJSON() }
