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

// tagOf returns the tag of the URL a callback was posted to.
func tagOf(r *http.Request) (tag, bool) {
	_, query, _ := strings.Cut(r.RequestURI, "?")
	if r.RequestURI == "" {
		query = r.URL.RawQuery
	}
	i := strings.LastIndex("&"+query, "&"+tagParameter+"=")
	if i < 0 {
		return tag{}, false
	}
	value, _, _ := strings.Cut(query[i+len(tagParameter)+1:], "&")
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
