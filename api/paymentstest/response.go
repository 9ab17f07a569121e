package paymentstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
)

// response is the server's response to a request.
type response struct {
	status     int
	code       int // Twilio's code, zero on success
	body       []byte
	session    *core.Accepted // describes it instead of body, nil for none
	assumption string         // the field of Assumptions that decided it
}

// text is the body. That of a session is written again for a reader of the
// journal: most are never read.
func (a response) text() []byte {
	if a.session != nil {
		return sessionBody(*a.session)
	}
	return a.body
}

// refuse is a response in the form of Twilio's errors.
func refuse(status, code int, message string) response {
	return response{status: status, code: code, body: errorBody(status, code, message)}
}

func errorBody(status, code int, message string) []byte {
	body, err := json.Marshal(struct {
		Code     int    `json:"code"`
		Message  string `json:"message"`
		MoreInfo string `json:"more_info"`
		Status   int    `json:"status"`
	}{code, message, fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code), status})
	if err != nil {
		panic(err) // numbers and text can always be encoded
	}
	return body
}

// responseOf returns the response of the core as it is sent.
func responseOf(r core.Response, assumption string) response {
	if r.Session.SID == "" {
		return response{status: r.Status, code: r.Code, body: errorBody(r.Status, r.Code, r.Message), assumption: assumption}
	}
	session := r.Session // so that the rest of r is not kept
	return response{status: r.Status, session: &session, assumption: assumption}
}

// sessionBody writes JSON by hand, because every accepted request gets it. Nothing in
// it needs escaping: the contract has checked the SIDs.
func sessionBody(a core.Accepted) []byte {
	b := make([]byte, 0, 448)
	b = append(append(b, `{"account_sid":"`...), a.AccountSID...)
	b = append(append(b, `","call_sid":"`...), a.CallSID...)
	b = append(append(b, `","date_created":"`...), restTime(a.Created)...)
	b = append(append(b, `","date_updated":"`...), restTime(a.Updated)...)
	b = append(append(b, `","sid":"`...), a.SID...)
	b = append(append(b, `","uri":"/2010-04-01/Accounts/`...), a.AccountSID...)
	b = append(append(b, `/Calls/`...), a.CallSID...)
	b = append(append(b, `/Payments/`...), a.SID...)
	return append(b, `.json"}`...)
}

// restTime formats a date as in REST responses, by RFC 2822.
func restTime(t time.Time) string { return t.UTC().Format(time.RFC1123Z) }

// write sends the response with Twilio's headers.
func (a response) write(w http.ResponseWriter, requestID string) {
	body := a.text()
	a.setHeader(w.Header(), requestID, len(body))
	w.WriteHeader(a.status)
	_, _ = w.Write(body) // #nosec G705 -- JSON of SIDs and dates, or an error's text, sent as application/json
}

var (
	jsonType  = []string{"application/json"}
	apiDomain = []string{"api.twilio.com"}
)

func (a response) setHeader(h http.Header, requestID string, length int) {
	h["Content-Type"], h["X-Api-Domain"] = jsonType, apiDomain
	h["Content-Length"], h["Twilio-Request-Id"] = []string{strconv.Itoa(length)}, []string{requestID}
	if a.status == http.StatusUnauthorized {
		h.Set("Www-Authenticate", `Basic realm="Twilio API"`)
	}
}
