package signature

import (
	"bytes"
	"errors"
	"net/url"
	"strings"
)

// MaxParameters is how many parameters a form may have. Twilio sends about twenty;
// the limit bounds what any sender can make us sort, sign and store.
const MaxParameters = 1000

var (
	// ErrEscape means that a percent escape is broken.
	ErrEscape = errors.New("form has a broken percent escape")
	// ErrTooMany means that the form has more than [MaxParameters] parameters.
	ErrTooMany = errors.New("form has too many parameters")
)

// Parameter is one key and one value of a form, unescaped.
type Parameter struct{ Key, Value string }

// Form is the parameters of a request in the order they came.
type Form []Parameter

// ParseForm reads a body of type application/x-www-form-urlencoded.
//
// It differs from [url.ParseQuery] in two ways. A semicolon is an ordinary
// character, as in the WHATWG URL standard: dropping the pair, as net/http does,
// would lose a signed parameter. And a broken escape fails the whole form, because
// half a payment event is worthless.
func ParseForm(body []byte) (Form, error) {
	if len(body) == 0 {
		return nil, nil
	}
	n := bytes.Count(body, []byte{'&'}) + 1
	if n > MaxParameters {
		return nil, ErrTooMany
	}
	f := make(Form, 0, n)
	text := string(body) // one copy, which parameters without escapes share
	for start := 0; start < len(text); {
		end, equals, escaped := len(text), -1, false
		for i := start; i < end; i++ {
			switch text[i] {
			case '&':
				end = i
			case '=':
				if equals < 0 {
					equals = i
				}
			case '%', '+':
				escaped = true
			}
		}
		p, ok := parameterOf(text[start:end], equals-start, escaped)
		if !ok {
			return nil, ErrEscape
		}
		if start < end {
			f = append(f, p)
		}
		start = end + 1
	}
	return f, nil
}

// parameterOf splits a pair at equals, the place of its equals sign or negative for
// none, and unescapes both sides.
func parameterOf(pair string, equals int, escaped bool) (Parameter, bool) {
	p := Parameter{Key: pair}
	if equals >= 0 {
		p.Key, p.Value = pair[:equals], pair[equals+1:]
	}
	if !escaped {
		return p, true
	}
	key, ok := unescape(p.Key)
	if !ok {
		return p, false
	}
	value, ok := unescape(p.Value)
	return Parameter{key, value}, ok
}

// unescape decodes the escapes of a form: %XX and, for a space, "+".
func unescape(s string) (string, bool) {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
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

// FormOf returns values as a form, with its keys in any order.
func FormOf(values url.Values) Form {
	f := make(Form, 0, len(values))
	for key, all := range values {
		for _, value := range all {
			f = append(f, Parameter{key, value})
		}
	}
	return f
}

// First returns the first value of key and the number of values.
func (f Form) First(key string) (value string, n int) {
	for _, p := range f {
		if p.Key != key {
			continue
		}
		if n++; n == 1 {
			value = p.Value
		}
	}
	return value, n
}

// Values returns the form as a map that shares nothing with f.
func (f Form) Values() url.Values {
	values := make(url.Values, len(f))
	single := make([]string, len(f)) // backing for keys with one value
	for i, p := range f {
		if all, repeated := values[p.Key]; repeated {
			values[p.Key] = append(all, p.Value)
			continue
		}
		single[i] = p.Value
		values[p.Key] = single[i : i+1 : i+1]
	}
	return values
}
