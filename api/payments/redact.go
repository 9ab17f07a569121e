package payments

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/twiliopay/twiliopay-go/internal/form"
)

const redacted = "[redacted]"

// Values shorter than shortest are not searched for: replacing every "1" would
// leave no message, and would reveal more than it hides.
const shortest = 4

// secrets returns the values of the request that a response or a transport's
// error may repeat but a log must not: the callback URL and the values in its
// query, which are often tokens, the description, the connector's parameters,
// the fields of WithExtraParams, and the credentials. It reads them from the
// form that was sent, because the caller's maps may have changed since.
func (c *call) secrets() secrets {
	var s secrets
	for _, sent := range append(c.replaced[:len(c.replaced):len(c.replaced)], &c.auth) {
		if sent.header != nil {
			header := sent.header()
			s.add(sent.secret(), header, header[strings.Index(header, " ")+1:])
		}
	}
	sent, _ := url.ParseQuery(string(c.body))
	known := form.Names(c.params)
	for name, values := range sent {
		switch {
		case name == "Parameter":
			var parameters map[string]string
			_ = json.Unmarshal([]byte(values[0]), &parameters)
			for _, value := range parameters {
				s.add(value)
			}
		case name == "StatusCallback":
			s.addURL(values[0])
		case name == "Description" || !slices.Contains(known, name):
			s.add(values...)
		}
	}
	return s
}

// secrets are texts to search for, folded.
type secrets []string

func (s *secrets) add(values ...string) {
	for _, value := range values {
		if value = fold(value); len(value) >= shortest && !slices.Contains(*s, value) {
			*s = append(*s, value)
		}
	}
}

// addURL adds a URL and the parts of it that a message may quote: path and query,
// query, each value of the query, user and password, fragment. A short path is
// left out: it would match harmless text.
func (s *secrets) addURL(raw string) {
	s.add(raw)
	u, err := url.Parse(raw)
	if err != nil {
		return
	}
	for _, part := range []string{u.RequestURI(), u.EscapedPath()} {
		if len(part) >= 2*shortest {
			s.add(part)
		}
	}
	s.add(u.RawQuery, u.Fragment)
	for _, values := range u.Query() {
		s.add(values...)
	}
	if u.User != nil {
		password, _ := u.User.Password()
		s.add(u.User.String(), u.User.Username(), password)
	}
}

// hide replaces every secret in text, in any case and however it is escaped.
func (s secrets) hide(text string) string {
	var hidden []bool // by byte of text
	for layer := fromText(text); layer.text != ""; layer = layer.decode() {
		for _, secret := range s {
			done := 0 // a text that overlaps with itself is marked once
			for from := 0; ; {
				i := strings.Index(layer.text[from:], secret)
				if i < 0 {
					break
				}
				if hidden == nil {
					hidden = make([]bool, len(text))
				}
				from += i
				end := layer.at[from+len(secret)]
				for j := max(layer.at[from], done); j < end; j++ {
					hidden[j] = true
				}
				done = end
				from++
			}
		}
	}
	if hidden == nil {
		return withoutUserInfo(text)
	}
	var b strings.Builder
	for i := range len(text) {
		switch {
		case !hidden[i]:
			b.WriteByte(text[i])
		case i == 0 || !hidden[i-1]:
			b.WriteString(redacted)
		}
	}
	return withoutUserInfo(b.String())
}

// hideIn replaces every secret in the names and texts of a JSON object. It has to,
// because fmt (for an unexported field) and gob print the fields of an [Error]
// without calling its methods.
func (s secrets) hideIn(object map[string]any) map[string]any {
	if object == nil {
		return nil
	}
	clean := make(map[string]any, len(object))
	for name, value := range object {
		clean[s.hide(name)] = s.hideInValue(value)
	}
	return clean
}

func (s secrets) hideInValue(v any) any {
	switch v := v.(type) {
	case string:
		return s.hide(v)
	case float64:
		if text := strconv.FormatFloat(v, 'f', -1, 64); s.hide(text) != text {
			return redacted
		}
	case map[string]any:
		return s.hideIn(v)
	case []any:
		for i := range v {
			v[i] = s.hideInValue(v[i])
		}
	}
	return v
}

// withoutUserInfo replaces the user and password of URLs in a text. Package regexp
// would make this one line, and every program that imports this package a third
// of a megabyte larger.
func withoutUserInfo(text string) string {
	var b strings.Builder
	for i := strings.Index(text, "//"); i >= 0; i = strings.Index(text, "//") {
		rest := strings.TrimLeft(text[i:], "/")
		b.WriteString(text[:len(text)-len(rest)])
		if end := strings.IndexAny(rest, "/@\"\t\n\f\r "); end > 0 && rest[end] == '@' {
			b.WriteString(redacted)
			rest = rest[end:]
		}
		text = rest
	}
	b.WriteString(text)
	return b.String()
}
