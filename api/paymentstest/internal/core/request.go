package core

import (
	"net/http"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Response is Twilio's response to a request. It is the last effect of a [Request].
type Response struct {
	Status int
	// Code and Message are those of an error.
	Code    int
	Message string
	// Session is the session in a successful response.
	Session Accepted
	// Committed is set when the request took effect, Replayed when its
	// idempotency key was known and the first response is repeated.
	Committed bool
	Replayed  bool
}

// Accepted is the session in the response of a request that took effect.
type Accepted struct {
	AccountSID string
	CallSID    string
	SID        string
	Created    time.Time
	Updated    time.Time
}

// apply does what a request asks for, unless its idempotency key is known.
func (r Request) apply(m *Machine) {
	id, request := m.identify(r)
	if m.replay(r, id, request) || m.exhausted(r) {
		return
	}
	s, refusal := m.perform(r)
	if refusal != nil {
		m.emitAssuming(refusal.assumption, refusal.response)
		return
	}
	use := keyUse{request: request, status: http.StatusAccepted, session: s, updated: s.updated}
	if r.Operation == Create {
		use.status = http.StatusCreated
	}
	m.keep(id, use)
	response := use.response()
	response.Committed = true
	m.emit(response)
}

func (r Request) url() string { return r.Form.Get("StatusCallback") }

func (r Request) key() string { return r.Form.Get("IdempotencyKey") }

// perform returns the session the request made or changed, or a refusal.
func (m *Machine) perform(r Request) (*session, *refusal) {
	if r.Operation == Create {
		return m.create(r)
	}
	return m.update(r)
}

// update captures, completes or cancels, or refuses to.
func (m *Machine) update(r Request) (*session, *refusal) {
	s := m.sessions[r.SID]
	if s == nil || s.call.sid != r.CallSID || s.accountSID != r.AccountSID {
		return nil, notFound(r)
	}
	m.expire(s)
	if s.over {
		return nil, m.finished(r)
	}
	if s.deciding {
		return nil, refuse(payments.CodeInvalidOperation, "the payment is with the gateway")
	}
	var refused *refusal
	switch r.Operation {
	case Capture:
		refused = m.capture(s, payments.Capture(r.Form.Get("Capture")), r.url())
	case Complete:
		refused = m.complete(s, r)
	case Cancel:
		m.finish(s, r.url(), ending{result: m.config.Assumptions.cancelResult()}, SessionOver, "CancelResult")
	default:
		refused = refuse(payments.CodeCaptureOrStatusNeeded, "exactly one of Capture and Status is needed")
	}
	if refused != nil {
		return nil, refused
	}
	s.updated, s.touched, s.lastURL = m.now, m.now, r.url()
	return s, nil
}

// finished is the response to an update of a session that has ended.
func (m *Machine) finished(r Request) *refusal {
	const field = "FinishedSessionStatus"
	status := m.config.Assumptions.FinishedSessionStatus
	if status == 0 || status == http.StatusNotFound {
		return notFound(r).assuming(field)
	}
	return (&refusal{response: Response{
		Status: status, Code: m.config.Assumptions.FinishedSessionCode, Message: "Pay: the payment session has ended",
	}}).assuming(field)
}

// refusal is an error response and the assumption it rests on.
type refusal struct {
	response   Response
	assumption string
}

// refuse is an error of Pay. Its codes, 64003 to 64021, are assumed to have the
// status 400.
func refuse(code int, message string) *refusal {
	return &refusal{response: Response{Status: http.StatusBadRequest, Code: code, Message: "Pay: " + message}}
}

func notFound(r Request) *refusal {
	return &refusal{response: Response{
		Status: http.StatusNotFound, Code: 20404, Message: "The requested resource " + r.Path + " was not found",
	}}
}

func (r *refusal) assuming(field string) *refusal {
	r.assumption = field
	return r
}
