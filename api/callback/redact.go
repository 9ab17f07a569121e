package callback

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"

	"github.com/twiliopay/twiliopay-go/internal/rule"
)

// shown returns the fields of an event that may be printed. It is an allow-list: a
// new parameter, documented or not, stays hidden until it is added here.
func (e Event) shown() []slog.Attr {
	all := [...]slog.Attr{
		slog.String("kind", string(e.Kind)),
		slog.String("account", e.AccountSID),
		slog.String("call", e.CallSID),
		slog.String("session", e.SID),
		slog.String("method", alone(string(e.PaymentMethod))),
		slog.String("amount", alone(string(e.ChargeAmount))),
		slog.String("capture", alone(string(e.Capture))),
		slog.String("partial", alone(e.PartialResult)),
		slog.String("required", required(e.Required)),
		slog.String("error_type", alone(string(e.ErrorType))),
		slog.String("result", alone(string(e.Result))),
		slog.String("code", alone(e.PayErrorCode)),
	}
	attrs := make([]slog.Attr, 0, len(all))
	for _, a := range all {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	return attrs
}

// alone returns value, or "…" if it may have absorbed the parameter after it.
func alone(value string) string {
	if rule.MayHoldName(value) {
		return "…"
	}
	return value
}

// required is alone for Required, which may list fields by the names of parameters.
func required(list string) string {
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); !captureNamed(name).Valid() && alone(name) != name {
			return "…"
		}
	}
	return list
}

// String returns the event on one line, without its secrets.
func (e Event) String() string {
	var b strings.Builder
	b.WriteString("event{")
	for i, a := range e.shown() {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(a.Key + "=" + plain(a.Value.String()))
	}
	b.WriteByte('}')
	return b.String()
}

// plain quotes a value unless it reads as one word.
func plain(s string) string {
	if q := strconv.Quote(s); q != `"`+s+`"` || strings.ContainsAny(s, " ={}") {
		return q
	}
	return s
}

// GoString returns what String returns, so that %#v hides secrets too.
func (e Event) GoString() string { return e.String() }

// Format prints the result of String for every verb.
func (e Event) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.String()) }

// LogValue returns the fields that String shows, as a group.
func (e Event) LogValue() slog.Value { return slog.GroupValue(e.shown()...) }

// MarshalJSON writes the fields that String shows, as an object. It is for logs
// and cannot be read back: see [Event].
func (e Event) MarshalJSON() ([]byte, error) {
	object := make(map[string]string)
	for _, a := range e.shown() {
		object[a.Key] = a.Value.String()
	}
	return json.Marshal(object)
}

// MarshalText returns the result of String, for encoders such as those of XML and
// YAML.
func (e Event) MarshalText() ([]byte, error) { return []byte(e.String()), nil }
