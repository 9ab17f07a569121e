package paymentstest

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Fault is something that goes wrong with one request. The zero Fault is none.
// Make one with [Respond], [Refuse], [TooManyRequests], [Reset], [NeverAnswer],
// [HalfBody] or [Delay], and refine it with [Fault.AfterCommit] and
// [Fault.After]. [Request.Fault] and [Request.Committed] report what happened to a
// request.
type Fault struct {
	kind   faultKind
	commit bool
	delay  time.Duration
	status int
	header http.Header
	body   string
}

type faultKind int

const (
	faultNone faultKind = iota
	faultRespond
	faultReset
	faultSilence
	faultHalfBody
)

// Respond responds with a status, a body and headers, given as name and value in
// turn, instead of acting on the request. The Content-Type is JSON for a body
// that starts with a brace and HTML otherwise, unless the headers set one.
func Respond(status int, body string, header ...string) Fault {
	f := Fault{kind: faultRespond, status: status, body: body, header: http.Header{}}
	for i := 0; i+1 < len(header); i += 2 {
		f.header.Add(header[i], header[i+1])
	}
	if f.header.Get("Content-Type") == "" && body != "" {
		f.header.Set("Content-Type", "text/html")
		if strings.HasPrefix(body, "{") {
			f.header.Set("Content-Type", "application/json")
		}
	}
	return f
}

// Refuse responds with an error in Twilio's form: Refuse(400, 64006, "token type
// not supported"). Use it for refusals that the simulation does not produce.
func Refuse(status, code int, message string) Fault {
	return Respond(status, string(errorBody(status, code, message)))
}

// TooManyRequests responds with 429 and Twilio's code 20429. A retryAfter that is not
// empty becomes the header Retry-After.
func TooManyRequests(retryAfter string) Fault {
	f := Refuse(http.StatusTooManyRequests, 20429, "Too Many Requests")
	if retryAfter != "" {
		f.header.Set("Retry-After", retryAfter)
	}
	return f
}

// Reset breaks the connection with a TCP reset, without a response. The request
// has no effect, unless [Fault.AfterCommit] is used.
func Reset() Fault { return Fault{kind: faultReset} }

// NeverAnswer keeps the connection open and sends no response until the client
// disconnects or the server closes. The request has no effect, unless
// [Fault.AfterCommit] is used.
func NeverAnswer() Fault { return Fault{kind: faultSilence} }

// HalfBody acts on the request, announces the whole response, sends half of it and
// closes the connection.
func HalfBody() Fault { return Fault{kind: faultHalfBody, commit: true} }

// Delay acts on the request and responds to it after d, whether or not the client
// still waits. With [Fault.AfterCommit] it acts at once and responds after d.
func Delay(d time.Duration) Fault { return Fault{}.After(d) }

// AfterCommit makes the request take effect before the fault happens.
func (f Fault) AfterCommit() Fault {
	f.commit = true
	return f
}

// After waits for d before the fault happens.
func (f Fault) After(d time.Duration) Fault {
	f.delay = d
	return f
}

// None reports whether f is no fault at all.
func (f Fault) None() bool { return f.kind == faultNone && f.delay == 0 }

// String names the fault: "503", "reset after commit".
func (f Fault) String() string {
	var name string
	switch f.kind {
	case faultRespond:
		name = fmt.Sprint(f.status)
	case faultReset:
		name = "reset"
	case faultSilence:
		name = "never answer"
	case faultHalfBody:
		return "half body" + f.late()
	case faultNone:
		if f.delay == 0 {
			return ""
		}
		name = "response"
	}
	if f.commit {
		name += " after commit"
	}
	return name + f.late()
}

func (f Fault) late() string {
	if f.delay == 0 {
		return ""
	}
	return " after " + f.delay.String()
}
