package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// ErrParameters means that a name or value of [Parameters] is not valid UTF-8, so
// it cannot be sent.
var ErrParameters = errors.New("must have names and values that are valid UTF-8")

// Parameters are the custom parameters of a payment connector: names with text
// values, sent as one JSON object in the field Parameter. ACH payments need
// "AVSName", Braintree needs "MerchantAccountId". Make them with [NewParameters];
// they never change.
//
// The values may be personal data, so they are behind a function like those of
// [Hidden]. Every fmt verb and slog print the names and hide the values; in an
// unexported field of a struct, fmt prints neither. json.Marshal writes the values,
// so that parameters can be stored and sent again; encrypt what you store. That
// leaves one leak: slog's JSON handler marshals your structs, slices and maps that
// contain them.
//
// The zero Parameters are empty.
type Parameters struct{ values func() map[string]string }

// NewParameters returns a copy of values as parameters.
func NewParameters(values map[string]string) Parameters {
	if values == nil {
		return Parameters{}
	}
	values = maps.Clone(values)
	return Parameters{func() map[string]string { return values }}
}

// Reveal returns a copy of the names and values, nil for the zero Parameters.
func (p Parameters) Reveal() map[string]string { return maps.Clone(p.all()) }

// Get returns the value of a name, "" if there is none.
func (p Parameters) Get(name string) string { return p.all()[name] }

// IsZero reports whether there are no parameters; then the field is not sent.
func (p Parameters) IsZero() bool { return len(p.all()) == 0 }

// Equal reports whether both have the same names and values.
func (p Parameters) Equal(other Parameters) bool { return maps.Equal(p.all(), other.all()) }

func (p Parameters) all() map[string]string {
	if p.values == nil {
		return nil
	}
	return p.values()
}

// AppendText appends the parameters as they are sent: one compact JSON object with
// sorted keys and without HTML escapes. It fails with [ErrParameters] for text that
// is not valid UTF-8.
func (p Parameters) AppendText(b []byte) ([]byte, error) {
	values := p.all()
	names := make([]string, 0, len(values))
	for name, value := range values {
		if !utf8.ValidString(name) || !utf8.ValidString(value) {
			return b, ErrParameters
		}
		names = append(names, name)
	}
	slices.Sort(names)
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendQuoted(b, name), ':')
		b = appendQuoted(b, values[name])
	}
	return append(b, '}'), nil
}

// appendQuoted appends s, which is valid UTF-8, as a JSON string with only the
// escapes that RFC 8259 requires.
func appendQuoted(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"', c == '\\':
			b = append(b, '\\', c)
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// MarshalJSON returns the parameters as a JSON object with all values, so that they
// can be stored and sent again. Without it, encoding/json would write a string from
// Go 1.27 on, because the type has AppendText.
func (p Parameters) MarshalJSON() ([]byte, error) { return json.Marshal(p.all()) }

// UnmarshalJSON reads a JSON object. It also reads a string that holds one, which
// Go 1.27 wrote before this type had MarshalJSON.
func (p *Parameters) UnmarshalJSON(data []byte) error {
	if text, ok := jsonText(data); ok {
		data = []byte(text)
	}
	var values map[string]string
	if err := json.Unmarshal(data, &values); err != nil {
		return err
	}
	*p = NewParameters(values)
	return nil
}

// jsonText returns the value of a JSON string; ok is false for other JSON.
func jsonText(data []byte) (text string, ok bool) {
	ok = len(data) > 0 && data[0] == '"' && json.Unmarshal(data, &text) == nil
	return text, ok
}

// Format prints only the names, for every verb.
func (p Parameters) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// String returns only the names: "map[AVSName:…]".
func (p Parameters) String() string {
	names := slices.Sorted(maps.Keys(p.all()))
	for i := range names {
		names[i] += ":…"
	}
	return "map[" + strings.Join(names, " ") + "]"
}

// LogValue returns only the names.
func (p Parameters) LogValue() slog.Value { return slog.StringValue(p.String()) }
