package callback

import (
	"net/url"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/callback/internal/signature"
)

// signatureHeader carries the signature of every request Twilio makes.
const signatureHeader = "X-Twilio-Signature"

// Sign returns the value of the header X-Twilio-Signature with which Twilio
// delivers form to rawURL, an absolute URL, for the account whose primary auth
// token is token. It is meant for tests of your own handlers.
//
// Signed are the URL and then every key and value of the form: the keys in byte
// order, the distinct values of a repeated key in byte order. A nil form signs
// the URL only, as for GET and, when the URL has the parameter bodySHA256, for
// JSON. The URL is taken as it is written, but for two things that Twilio does:
// an apostrophe in the query is signed as %27, and a fragment, which holds
// connection overrides, is not signed.
//
// See https://www.twilio.com/docs/usage/webhooks/webhooks-security
func Sign(token, rawURL string, form url.Values) string {
	t, m := signature.Cut(rawURL), signature.NewMessage(signature.FormOf(form))
	defer m.Free()
	t.Query = strings.ReplaceAll(t.Query, "'", "%27")
	return signature.NewKey(token).Sign(m.Over(t))
}
