package paymentstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// answer is what the server says to one request.
type answer struct {
	status int
	code   int // Twilio's code, zero on success
	body   []byte
}

// refuse is an answer in the form of Twilio's errors.
func refuse(status, code int, message string) answer {
	return answer{status: status, code: code, body: errorBody(status, code, message)}
}

func notFound(path string) answer {
	return refuse(http.StatusNotFound, 20404, "The requested resource "+path+" was not found")
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

// accept is the answer of a request that took effect.
func accept(status int, s *session) answer {
	body, err := json.Marshal(struct {
		AccountSID  string `json:"account_sid"`
		CallSID     string `json:"call_sid"`
		DateCreated string `json:"date_created"`
		DateUpdated string `json:"date_updated"`
		SID         string `json:"sid"`
		URI         string `json:"uri"`
	}{
		s.accountSID, s.call.SID, restTime(s.created), restTime(s.updated), s.sid,
		"/2010-04-01/Accounts/" + s.accountSID + "/Calls/" + s.call.SID + "/Payments/" + s.sid + ".json",
	})
	if err != nil {
		panic(err) // text always encodes
	}
	return answer{status: status, body: body}
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
