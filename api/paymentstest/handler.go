package paymentstest

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
	"github.com/twiliopay/twiliopay-go/internal/validator"
)

// maxBody is the longest request body read, in bytes.
const maxBody = 1 << 20

// ServeHTTP responds to one request as Twilio would. Use it to put the simulation
// behind a server of your own.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.work.enter() {
		panic(http.ErrAbortHandler) // closed
	}
	defer s.work.leave()
	s.work.add(1)
	defer s.work.done()
	if r.URL.Path == tokenPath {
		s.serveToken(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the body is too long, or ended early", http.StatusRequestEntityTooLarge)
		return
	}
	checked, capital := body, []string(nil)
	if s.config.capitalBooleans {
		var text string
		text, capital = s.lowerBooleans(string(body))
		checked = []byte(text)
	}
	asked, violation := s.validator.Request(s.config.credentials.asContract(r), checked)
	permitted, lacks := s.config.credentials.permits(r, asked.AccountSID, s.config.clock.Now())
	permitted = permitted && violation == nil
	rec := s.record(r, body, asked, violation, permitted)
	s.warnOfBooleans(rec, capital)
	if violation != nil {
		s.report(rec, violation)
		s.sendResponse(w, rec, refusalOf(violation, r.URL.Path))
		s.logRequest(rec)
		return
	}
	if !permitted {
		s.sendResponse(w, rec, refuse(http.StatusUnauthorized, 20003, "Authenticate"))
		s.logRequest(rec)
		return
	}
	if len(lacks) > 0 {
		s.sendResponse(w, rec, lacking(lacks))
		s.logRequest(rec)
		return
	}
	s.serve(w, r, rec)
}

// record begins the memory of a request. What was sent is kept of permitted ones
// only: a stranger's would fill the memory.
func (s *Server) record(r *http.Request, body []byte, asked validator.Request, violation error, permitted bool) *Request {
	rec := &Request{
		Time: s.config.clock.Now(), Method: r.Method, Path: r.URL.Path,
		AccountSID: asked.AccountSID, CallSID: asked.CallSID, SID: asked.SID, Violation: violation, started: time.Now(),
	}
	if violation == nil {
		rec.Operation = operationOf(asked.Operation, asked.Form)
	}
	if permitted {
		detach(asked.Form, len(body))
		rec.Header = withoutCredentials(r.Header)
		rec.Body, rec.Form, rec.IdempotencyKey = string(body), asked.Form, asked.Form.Get("IdempotencyKey")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if permitted {
		s.countAttempt(rec)
	}
	rec.Number = s.requests.add(rec, rec.size())
	s.received(rec)
	return rec
}

// withoutCredentials shares the values of h, which nobody changes any more.
func withoutCredentials(h http.Header) http.Header {
	kept := make(http.Header, len(h))
	for name, values := range h {
		if name != "Authorization" {
			kept[name] = values
		}
	}
	return kept
}

// detach copies the values of a form that was read from a long body, so that a
// session that keeps one of them does not keep the whole body.
func detach(form url.Values, body int) {
	const short = 4 << 10
	if body <= short {
		return
	}
	for _, values := range form {
		for i, v := range values {
			values[i] = strings.Clone(v)
		}
	}
}

// sendResponse notes a response and sends it.
func (s *Server) sendResponse(w http.ResponseWriter, rec *Request, a response) {
	s.respondWith(rec, sentResponse{response: a})
	a.write(w, s.requestID(rec))
}

// respondWith notes what is about to be sent in reply to a request: before it is
// sent, so that whatever the client does next comes after it in the journal.
func (s *Server) respondWith(rec *Request, r sentResponse) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec.Status, rec.Code = r.status, r.code
	s.responded(rec, r)
}

func (s *Server) requestID(rec *Request) string {
	return core.Derive(s.config.seed, "RQ", 32, "request", strconv.Itoa(rec.Number))
}

// report fails the test for a request against the contract. A violation names
// the field and the rule, never a value.
func (s *Server) report(rec *Request, violation error) {
	if s.config.allowInvalid {
		return
	}
	s.fail("paymentstest: request %d is against the contract: %v", rec.Number, violation)
}

// refusalOf is Twilio's response to a request against the contract.
func refusalOf(violation error, path string) response {
	switch {
	case errors.Is(violation, validator.ErrRoute):
		return refuse(http.StatusNotFound, 20404, "The requested resource "+path+" was not found")
	case errors.Is(violation, validator.ErrMethod):
		return refuse(http.StatusMethodNotAllowed, 20004, "Method not allowed")
	case errors.Is(violation, validator.ErrSecurity):
		return refuse(http.StatusUnauthorized, 20003, "Authenticate")
	case errors.Is(violation, validator.ErrMediaType):
		return refuse(http.StatusUnsupportedMediaType, 20415, "Unsupported media type")
	}
	return refuse(http.StatusBadRequest, 64020, "Pay: invalid parameter value: "+violation.Error())
}

// serve acts on a valid request and responds to it, with the fault that was chosen
// for it. What the request sets off begins when the response is out.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, rec *Request) {
	fault := s.choose(rec)
	if !fault.commit {
		s.pause(fault.delay)
	}
	var a response
	after := func() {}
	if fault.commit || fault.kind == faultNone {
		if rec.issue != nil {
			a = rec.issue()
		} else {
			a, after = s.act(rec)
		}
	}
	followed := false
	follow := func() {
		if !followed {
			followed = true
			s.logRequest(rec)
			after()
		}
	}
	defer follow()
	if fault.commit {
		s.pause(fault.delay)
	}
	if fault.delay > 0 { // the response's time begins now; without a connection there is none to keep
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout))
	}
	switch fault.kind {
	case faultNone:
		s.sendResponse(w, rec, a)
		_ = http.NewResponseController(w).Flush()
	case faultRespond:
		s.respond(w, rec, fault)
	case faultHalfBody:
		s.respondHalf(w, rec, a)
	case faultReset:
		s.reset(w, rec)
	case faultSilence:
		s.respondWith(rec, sentResponse{})
		follow()
		s.silence(r)
	}
}

// pause lets d of the server's time pass, or less when the server closes.
func (s *Server) pause(d time.Duration) {
	if d <= 0 {
		return
	}
	passed := make(chan struct{})
	stop := s.config.clock.AfterFunc(d, func() { close(passed) })
	select {
	case <-passed:
	case <-s.ctx.Done():
		stop()
		panic(http.ErrAbortHandler)
	}
}
