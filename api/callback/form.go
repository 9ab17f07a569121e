package callback

import (
	"errors"
	"net/url"
	"slices"
	"strings"
)

// maxParameters is how many parameters a form may have. Twilio sends about
// twenty; the limit keeps what is sorted, signed and kept small whoever sends.
const maxParameters = 1000

var (
	errEscape     = errors.New("form has a broken percent escape")
	errParameters = errors.New("form has too many parameters")
)

// parameter is one key and one value of a form, unescaped.
type parameter struct{ key, value string }

// form is the parameters of a request in the order they came.
type form []parameter

// parseForm reads a body of type application/x-www-form-urlencoded.
//
// It differs from [url.ParseQuery] in two ways. A semicolon is a character like
// any other, as the WHATWG URL standard has it: dropping the pair, as
// net/http does, would lose a parameter that the sender signed. And the first
// broken escape refuses the whole form: half of a payment event is none.
func parseForm(body []byte) (form, error) {
	n := 1
	for _, c := range body {
		if c == '&' {
			n++
		}
	}
	if n > maxParameters {
		return nil, errParameters
	}
	f := make(form, 0, n)
	text := string(body) // one copy: what needs no unescaping is cut from it
	for text != "" {
		var pair string
		pair, text, _ = strings.Cut(text, "&")
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		key, ok := unescape(key)
		if !ok {
			return nil, errEscape
		}
		if value, ok = unescape(value); !ok {
			return nil, errEscape
		}
		f = append(f, parameter{key, value})
	}
	return f, nil
}

// unescape undoes the escapes of a form: %XX and, for a space, "+".
func unescape(s string) (string, bool) {
	if !strings.ContainsAny(s, "%+") {
		return s, true
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '+':
			b.WriteByte(' ')
		case '%':
			if i+2 >= len(s) {
				return "", false
			}
			high, low := hexDigit[s[i+1]], hexDigit[s[i+2]]
			if high|low > 0xf {
				return "", false
			}
			b.WriteByte(high<<4 | low)
			i += 2
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), true
}

// hexDigit is the value of each character as a hexadecimal digit, 0xff for none.
var hexDigit = func() (table [256]byte) {
	for i := range table {
		table[i] = 0xff
	}
	for i := range 10 {
		table['0'+i] = byte(i)
	}
	for i := range 6 {
		table['a'+i], table['A'+i] = byte(10+i), byte(10+i)
	}
	return table
}()

// formOf returns values as a form, its keys in order.
func formOf(values url.Values) form {
	f := make(form, 0, len(values))
	for key, all := range values {
		for _, value := range all {
			f = append(f, parameter{key, value})
		}
	}
	slices.SortStableFunc(f, func(a, b parameter) int { return strings.Compare(a.key, b.key) })
	return f
}

// first returns the first value of key, "" when there is none.
func (f form) first(key string) string {
	for _, p := range f {
		if p.key == key {
			return p.value
		}
	}
	return ""
}

// values returns the form as a map that shares nothing with f.
func (f form) values() url.Values {
	values := make(url.Values, len(f))
	for _, p := range f {
		values[p.key] = append(values[p.key], p.value)
	}
	return values
}
