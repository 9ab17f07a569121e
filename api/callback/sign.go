package callback

import (
	"net/url"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/callback/internal/signature"
)

// signatureHeader carries the signature of every request Twilio makes.
const signatureHeader = "X-Twilio-Signature"

// Sign returns the X-Twilio-Signature header with which Twilio delivers form to
// rawURL, an absolute URL, for an account with this primary auth token. Use it to
// test your own handlers.
//
// It signs the URL followed by every key and value of the form: the keys in byte
// order, and the distinct values of a repeated key in byte order. A nil form signs
// only the URL, as for GET and, when the URL has the parameter bodySHA256, for
// JSON. The URL is signed as written, with two exceptions that Twilio makes too:
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
