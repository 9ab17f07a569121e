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

// ErrParameters means that a name or value of [Parameters] is not valid UTF-8
// and so has no form on the wire.
var ErrParameters = errors.New("must have names and values that are valid UTF-8")

// Parameters are the custom parameters of a payment connector: one level of
// names and text, sent as one JSON object in the field Parameter. ACH payments
// need "AVSName", Braintree needs "MerchantAccountId". They are made by
// [NewParameters] and never change.
//
// The values may be personal data. They are behind a function, as those of
// [Hidden] are: every fmt verb and slog print the names and hide the values, and
// from an unexported field of a struct neither. json.Marshal is complete, so that
// parameters can be stored and sent again; encrypt what you store. So one way
// around it remains: slog's JSON handler marshals a struct, slice or map of
// yours that holds them.
//
// The zero Parameters are none.
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

// Get returns the value of a name, "" when there is none.
func (p Parameters) Get(name string) string { return p.all()[name] }

// IsZero reports whether there are no parameters; then none are sent.
func (p Parameters) IsZero() bool { return len(p.all()) == 0 }

// Equal reports whether both have the same names and values.
func (p Parameters) Equal(other Parameters) bool { return maps.Equal(p.all(), other.all()) }

func (p Parameters) all() map[string]string {
	if p.values == nil {
		return nil
	}
	return p.values()
}

// AppendText appends the parameters as they are sent: one compact JSON object,
// its keys sorted, nothing escaped for HTML. It fails with [ErrParameters].
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

// appendQuoted appends s, which is valid UTF-8, as a JSON string by RFC 8259:
// only what must be escaped is.
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

// MarshalJSON returns the parameters as a JSON object, complete, so that they can
// be stored and sent again. Without it encoding/json writes a type that has
// AppendText as a string from Go 1.27 on.
func (p Parameters) MarshalJSON() ([]byte, error) { return json.Marshal(p.all()) }

// UnmarshalJSON reads a JSON object, or the string that holds one which Go 1.27
// wrote for a release of this package without MarshalJSON.
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

// jsonText returns the value of a JSON string.
func jsonText(data []byte) (text string, ok bool) {
	ok = len(data) > 0 && data[0] == '"' && json.Unmarshal(data, &text) == nil
	return text, ok
}

// Format prints the names only, for every verb.
func (p Parameters) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// String returns the names only: "map[AVSName:…]".
func (p Parameters) String() string {
	names := slices.Sorted(maps.Keys(p.all()))
	for i := range names {
		names[i] += ":…"
	}
	return "map[" + strings.Join(names, " ") + "]"
}

// LogValue logs the names only.
func (p Parameters) LogValue() slog.Value { return slog.StringValue(p.String()) }
