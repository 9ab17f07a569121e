package payments

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/twiliopay/twiliopay-go/internal/form"
)

const redacted = "[redacted]"

// shortest is the length below which a value is not searched for: replacing
// every "1" would leave no message, and would tell more than it hides.
const shortest = 4

// secrets returns the values of the request that an answer or a transport's
// error may repeat and a log must not: the callback's URL, which often carries a
// token of its own, the description, the connector's parameters, fields of
// WithExtraParams and the credentials. They are read from the form that was
// sent; the caller's maps may have changed since.
func (c *call) secrets() []string {
	var secrets []string
	if c.auth.header != nil {
		header := c.auth.header()
		secrets = append(secrets, c.auth.secret(), header, strings.TrimPrefix(header, "Basic "))
	}
	sent, _ := url.ParseQuery(string(c.body))
	known := form.Names(c.params)
	for name, values := range sent {
		switch {
		case name == "Parameter":
			var parameters map[string]string
			_ = json.Unmarshal([]byte(values[0]), &parameters)
			for _, value := range parameters {
				secrets = append(secrets, value)
			}
		case name == "StatusCallback":
			secrets = append(secrets, values[0], withoutScheme(values[0]))
		case name == "Description" || !slices.Contains(known, name):
			secrets = append(secrets, values...)
		}
	}
	for _, secret := range slices.Clone(secrets) {
		secrets = append(secrets, url.QueryEscape(secret), url.PathEscape(secret))
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // a part of another must not go first
	return secrets
}

// withoutScheme is path and query of a URL: what a message may quote alone.
func withoutScheme(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || len(u.RequestURI()) < 2*shortest {
		return raw
	}
	return u.RequestURI()
}

// redact replaces every secret in text.
func redact(text string, secrets []string) string {
	for _, secret := range secrets {
		if len(secret) >= shortest {
			text = strings.ReplaceAll(text, secret, redacted)
		}
	}
	return withoutUserInfo(text)
}

// withoutUserInfo replaces what URLs in a text carry between slashes and host. A
// regular expression would say it in a line, and its package makes every program
// that imports this one larger by a third of a megabyte.
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

// redactCause returns err with a text that holds no secret, and nothing of an
// answer that net/http could not read and quotes. For errors.Is and errors.As it
// is the same error; the text underneath is not handed out.
func redactCause(err error, secrets []string) error {
	text := redact(err.Error(), secrets)
	if before, _, quoted := strings.Cut(text, "malformed "); quoted {
		text = before + "malformed answer"
	}
	if text == err.Error() {
		return err
	}
	return redactedError{text: text, is: func(target error) bool { return errors.Is(err, target) }, as: func(target any) bool { return errors.As(err, target) }}
}

// redactedError holds the error it stands for behind functions, so that neither
// Unwrap nor reflection finds its text.
type redactedError struct {
	text string
	is   func(error) bool
	as   func(any) bool
}

func (e redactedError) Error() string { return e.text }

func (e redactedError) Is(target error) bool { return e.is(target) }

func (e redactedError) As(target any) bool { return e.as(target) }

func (e redactedError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.text) }
