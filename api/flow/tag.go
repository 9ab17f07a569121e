package flow

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
)

// tagParameter is the query parameter of StatusCallback by which a callback is
// known: which call, which start, which request. Twilio keeps the query, posts
// the callbacks of a request to that request's URL, and signs the URL.
const tagParameter = "twiliopay"

// tag is what the parameter says.
type tag struct {
	call string // the call the session was started on: callbacks name its parent leg
	flow string
	step int
}

// flowID names one start of a session. It depends on the idempotency key alone,
// so that a start which is repeated with its key knows the callbacks of the
// first try.
func flowID(callSID, key string) string {
	sum := sha256.Sum256([]byte(callSID + "\n" + key))
	return hex.EncodeToString(sum[:16])
}

// on returns the URL with the tag as the last parameter of its query. The rest
// stays as it is written: Twilio signs the text.
func (t tag) on(statusCallback string) string {
	base, fragment, hasFragment := strings.Cut(statusCallback, "#")
	separator := "?"
	if i := strings.IndexByte(base, '?'); i >= 0 {
		if separator = "&"; strings.HasSuffix(base, "?") || strings.HasSuffix(base, "&") {
			separator = ""
		}
	}
	base += separator + tagParameter + "=" + t.call + "." + t.flow + "." + strconv.Itoa(t.step)
	if hasFragment {
		base += "#" + fragment
	}
	return base
}

// tagOf returns the tag of the URL a callback was posted to, and the request as
// it was signed: with the tag as the last parameter of the query, where on puts
// it. Gateways that hand on the query as a map, as AWS API Gateway does, lose
// the order.
func tagOf(r *http.Request) (tag, *http.Request, bool) {
	target := r.RequestURI
	if target == "" {
		target = r.URL.RequestURI()
	}
	path, query, _ := strings.Cut(target, "?")
	i := strings.LastIndex("&"+query, "&"+tagParameter+"=")
	if i < 0 {
		return tag{}, r, false
	}
	before, written := query[:i], query[i:]
	written, after, _ := strings.Cut(written, "&")
	t, ok := readTag(strings.TrimPrefix(written, tagParameter+"="))
	if !ok || after == "" {
		return t, r, ok
	}
	signed := r.Clone(r.Context())
	signed.URL.RawQuery = before + after + "&" + written // before ends in & or is empty
	signed.RequestURI = path + "?" + signed.URL.RawQuery
	return t, signed, true
}

// readTag reads the value of the parameter.
func readTag(value string) (tag, bool) {
	call, rest, _ := strings.Cut(value, ".")
	flow, number, _ := strings.Cut(rest, ".")
	step, err := strconv.Atoi(number)
	if err != nil || step < 0 || checkSID("CallSID", "CA", call) != nil || !isFlowID(flow) {
		return tag{}, false
	}
	return tag{call, flow, step}, true
}

func isFlowID(s string) bool {
	return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == ""
}
