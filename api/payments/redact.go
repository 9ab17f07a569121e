package payments

import (
	"fmt"
	"io"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/wire"
)

const redacted = "[redacted]"

// shortest is the length below which a value is not searched for: replacing
// every "1" would leave no message, and would tell more than it hides.
const shortest = 4

// secretsOf returns the values of a request that an answer may repeat and a log
// must not: the callback's URL, which often carries a token of its own, and the
// connector's parameters.
func secretsOf(callback string, parameters wire.Parameters) []string {
	secrets := []string{callback}
	for _, value := range parameters {
		secrets = append(secrets, value)
	}
	return secrets
}

// redact replaces every secret in text.
func redact(text string, secrets []string) string {
	for _, secret := range secrets {
		if len(secret) >= shortest {
			text = strings.ReplaceAll(text, secret, redacted)
		}
	}
	return text
}

// redactCause returns err with a text that holds no secret: the same error for
// errors.Is and errors.As.
func redactCause(err error, secrets []string) error {
	text := redact(causeText(err), secrets)
	if text == err.Error() {
		return err
	}
	return redactedError{err, text}
}

type redactedError struct {
	error
	text string
}

func (e redactedError) Error() string { return e.text }

func (e redactedError) Unwrap() error { return e.error }

func (e redactedError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.text) }
