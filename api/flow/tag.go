package flow

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/internal/sid"
)

// tagParameter is the query parameter of StatusCallback that identifies a
// callback: which call, which start, which request. Twilio keeps the query,
// posts the callbacks of a request to that request's URL, and signs the URL.
const tagParameter = "twiliopay"

// tag is the content of the parameter.
type tag struct {
	call string // the call the session was started on; callbacks may name its parent leg
	flow string
	step int
}

// flowID identifies one start of a session. It depends only on call and
// idempotency key, so a start repeated with its key recognizes the callbacks of
// the first attempt.
func flowID(callSID, key string) string {
	sum := sha256.Sum256([]byte(callSID + "\n" + key))
	return hex.EncodeToString(sum[:16])
}

// on returns the URL with the tag as the last parameter of its query. The rest
// stays as written: Twilio signs the text.
//
// The signed text has no separator between URL and form, so an attacker who
// replays a delivery can move the end of the URL into the form. The flow is
// therefore last: it has a fixed length, so a truncated tag is invalid. A step
// at the end could lose digits and become another step.
func (t tag) on(statusCallback string) string {
	base, fragment, hasFragment := strings.Cut(statusCallback, "#")
	separator := "?"
	if i := strings.IndexByte(base, '?'); i >= 0 {
		if separator = "&"; strings.HasSuffix(base, "?") || strings.HasSuffix(base, "&") {
			separator = ""
		}
	}
	base += separator + tagParameter + "=" + t.call + "." + strconv.Itoa(t.step) + "." + t.flow
	if hasFragment {
		base += "#" + fragment
	}
	return base
}

// tagLast returns the request as it was signed: with the tag as the last
// parameter of the query, where on puts it. Gateways that pass the query as a
// map, like AWS API Gateway, lose the order. Nothing else is taken from the
// query.
func tagLast(r *http.Request) *http.Request {
	target := r.RequestURI
	if target == "" {
		target = r.URL.RequestURI()
	}
	path, query, _ := strings.Cut(target, "?")
	before, value, after, found := cutTag(query)
	if _, ok := readTag(value); !found || !ok || after == "" {
		return r
	}
	signed := r.Clone(r.Context())
	signed.URL.RawQuery = before + after + "&" + tagParameter + "=" + value // before ends in & or is empty
	signed.RequestURI = path + "?" + signed.URL.RawQuery
	return signed
}

// tagOf returns the tag of the URL that a callback was posted to, which must be
// a verified URL.
func tagOf(signedURL string) (tag, bool) {
	_, query, _ := strings.Cut(signedURL, "?")
	_, value, _, found := cutTag(query)
	if !found {
		return tag{}, false
	}
	return readTag(value)
}

// cutTag cuts a query around the last tag.
func cutTag(query string) (before, value, after string, found bool) {
	i := strings.LastIndex("&"+query, "&"+tagParameter+"=")
	if i < 0 {
		return query, "", "", false
	}
	value, after, _ = strings.Cut(query[i+len(tagParameter)+1:], "&")
	return query[:i], value, after, true
}

// readTag reads the value of the parameter.
func readTag(value string) (tag, bool) {
	call, rest, _ := strings.Cut(value, ".")
	number, flow, _ := strings.Cut(rest, ".")
	step, err := strconv.Atoi(number)
	if err != nil || step < 0 || strconv.Itoa(step) != number || checkSID(sid.Call, call) != nil || !isFlowID(flow) {
		return tag{}, false
	}
	return tag{call, flow, step}, true
}

// isCut reports whether the end of the callback's URL was moved into its form.
// It is then the start of the form, before AccountSid, and package callback
// refuses it if it is not a parameter name. Two cuts remain: within the tag
// after "C", which makes the rest of the call SID a name, and at a capital A of
// the user's own query before the tag, which moves the tag into the form.
func isCut(e callback.Event) bool {
	if u := e.SignedURL(); strings.HasSuffix(u, "?"+tagParameter+"=C") || strings.HasSuffix(u, "&"+tagParameter+"=C") {
		return true
	}
	var first strings.Builder
	extra := e.Extra()
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		if name >= "AccountSid" {
			break
		}
		for _, value := range extra[name] {
			first.WriteString(name + value)
		}
	}
	return strings.Contains(first.String(), tagParameter+"=")
}

func isFlowID(s string) bool {
	return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == ""
}
