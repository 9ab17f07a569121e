package payments

import (
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

// redactedError is a cause whose text repeated a secret: the same error, with
// that part of the text replaced.
type redactedError struct {
	error
	text string
}

func (e redactedError) Error() string { return e.text }

func (e redactedError) Unwrap() error { return e.error }
