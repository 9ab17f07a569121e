package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"unicode/utf8"
)

// ErrUTF8 tells that text is not valid UTF-8 and so has no form on the wire.
var ErrUTF8 = errors.New("must be valid UTF-8")

// Parameters are the custom parameters of a payment connector: one level of
// names and text, sent as one JSON object in the field Parameter. ACH payments
// need "AVSName", Braintree needs "MerchantAccountId".
//
// The values may be personal data. Every fmt verb and slog print the names and
// hide the values; json.Marshal is complete, so that parameters can be stored
// and sent again.
type Parameters map[string]string

// AppendText appends the parameters as they are sent: one compact JSON object,
// its keys sorted, nothing escaped for HTML. It fails with [ErrUTF8].
func (p Parameters) AppendText(b []byte) ([]byte, error) {
	for name, value := range p {
		if !utf8.ValidString(name) || !utf8.ValidString(value) {
			return b, ErrUTF8
		}
	}
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(map[string]string(p)); err != nil {
		return b, err
	}
	return append(b, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...), nil
}

// Format prints the names alone, for every verb.
func (p Parameters) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// String returns the names alone: "map[AVSName:…]".
func (p Parameters) String() string {
	names := make([]string, 0, len(p))
	for name := range p {
		names = append(names, name+":…")
	}
	slices.Sort(names)
	return "map[" + strings.Join(names, " ") + "]"
}

// LogValue logs the names alone.
func (p Parameters) LogValue() slog.Value { return slog.StringValue(p.String()) }
