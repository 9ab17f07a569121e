package paymentstest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Operation is what a request asks for.
type Operation string

// The operations. [Update] is an update with neither or both of Capture and
// Status; [Any] is all of them where a fault is described.
const (
	Create   Operation = "create"
	Capture  Operation = "capture"
	Complete Operation = "complete"
	Cancel   Operation = "cancel"
	Update   Operation = "update"
	Any      Operation = ""
)

// operationOf names the operation of a request by its operation in the contract
// and its form.
func operationOf(contractOperation string, form url.Values) Operation {
	if contractOperation == "CreatePayments" {
		return Create
	}
	switch capture, status := form.Get("Capture"), form.Get("Status"); {
	case capture != "" && status == "":
		return Capture
	case capture == "" && status == "complete":
		return Complete
	case capture == "" && status == "cancel":
		return Cancel
	}
	return Update
}

// Request is a request that the server received, and what it did.
type Request struct {
	// Number counts requests from 1, in the order of arrival.
	Number int
	Time   time.Time
	// Method and Path are as received.
	Method string
	Path   string
	// Header is as received, without Authorization. Body is as received, and Form is
	// parsed from it; both may contain secrets of Parameter, and printing a Request
	// shows neither. All three and IdempotencyKey are empty if the contract or the
	// credentials refuse the request.
	Header http.Header
	Body   string
	Form   url.Values
	// Operation and the SIDs are empty if the request does not have them.
	Operation      Operation
	AccountSID     string
	CallSID        string
	SID            string // the session, for create the new one
	IdempotencyKey string
	// Attempt counts requests for the same operation with the same key, from 1;
	// zero for a request the contract refuses.
	Attempt int
	// Violation is why the contract refuses the request, nil for a valid one.
	Violation error
	// Fault is the injected fault; the zero Fault is none.
	Fault Fault
	// Committed reports that this request took effect: a session was created, a
	// capture started, a session ended. It is false after a refusal and for a replay.
	Committed bool
	// Replayed reports that the idempotency key was known and the first response was
	// repeated.
	Replayed bool
	// Status is that of the response, zero if none was sent. Code is Twilio's error
	// code, zero after success and an injected response.
	Status int
	Code   int

	total   int // Attempt.Total and Attempt.OnCall
	onCall  int
	entry   int64           // its number in the journal
	started time.Time       // by the machine's clock
	issue   func() response // of a request for an access token; nil for all others
}

// Format prints an allow-list for every verb: no header, form or body.
func (r Request) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }

// String is a line such as "#3 capture CA… PK… attempt 1: 202, committed".
func (r Request) String() string {
	name := string(r.Operation)
	if name == "" {
		name = r.Method
	}
	text := fmt.Sprintf("#%d %s %s", r.Number, name, wellFormed(r.CallSID))
	if r.SID != "" {
		text += " " + wellFormed(r.SID)
	}
	text += fmt.Sprintf(" attempt %d: %d", r.Attempt, r.Status)
	for _, note := range []struct {
		holds bool
		text  string
	}{
		{r.Code != 0, fmt.Sprintf(" code %d", r.Code)},
		{r.Committed, ", committed"},
		{r.Replayed, ", replayed"},
		{!r.Fault.None(), ", fault: " + r.Fault.String()},
		{r.Violation != nil, ", against the contract"},
	} {
		if note.holds {
			text += note.text
		}
	}
	return text
}

// Requests returns every request so far, in the order of arrival. The slice and
// its elements are the caller's.
func (s *Server) Requests() []Request { return s.requests.list() }

func cloneForm(form url.Values) url.Values {
	if form == nil {
		return nil
	}
	c := make(url.Values, len(form))
	for k, v := range form {
		c[k] = slices.Clone(v)
	}
	return c
}
