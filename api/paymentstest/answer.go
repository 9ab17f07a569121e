package paymentstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
)

// answer is what the server says to one request.
type answer struct {
	status     int
	code       int // Twilio's code, zero on success
	body       []byte
	assumption string // the field of Assumptions that decided it
}

// refuse is an answer in the form of Twilio's errors.
func refuse(status, code int, message string) answer {
	return answer{status: status, code: code, body: errorBody(status, code, message)}
}

func errorBody(status, code int, message string) []byte {
	body, err := json.Marshal(struct {
		Code     int    `json:"code"`
		Message  string `json:"message"`
		MoreInfo string `json:"more_info"`
		Status   int    `json:"status"`
	}{code, message, fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code), status})
	if err != nil {
		panic(err) // numbers and text always encode
	}
	return body
}

// answerOf is how the core responds, as it is sent.
func answerOf(r core.Response, assumption string) answer {
	if r.Session.SID == "" {
		return answer{status: r.Status, code: r.Code, body: errorBody(r.Status, r.Code, r.Message), assumption: assumption}
	}
	a := r.Session
	body, err := json.Marshal(struct {
		AccountSID  string `json:"account_sid"`
		CallSID     string `json:"call_sid"`
		DateCreated string `json:"date_created"`
		DateUpdated string `json:"date_updated"`
		SID         string `json:"sid"`
		URI         string `json:"uri"`
	}{
		a.AccountSID, a.CallSID, restTime(a.Created), restTime(a.Updated), a.SID,
		"/2010-04-01/Accounts/" + a.AccountSID + "/Calls/" + a.CallSID + "/Payments/" + a.SID + ".json",
	})
	if err != nil {
		panic(err) // text always encodes
	}
	return answer{status: r.Status, body: body, assumption: assumption}
}

// restTime writes a date as REST answers do, by RFC 2822.
func restTime(t time.Time) string { return t.UTC().Format(time.RFC1123Z) }

// write sends the answer with the headers Twilio sends.
func (a answer) write(w http.ResponseWriter, requestID string) {
	a.setHeader(w.Header(), requestID)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

func (a answer) setHeader(h http.Header, requestID string) {
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	h.Set("Twilio-Request-Id", requestID)
	h.Set("X-Api-Domain", "api.twilio.com")
	if a.status == http.StatusUnauthorized {
		h.Set("Www-Authenticate", `Basic realm="Twilio API"`)
	}
}
