package paymentstest

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/twiliopay/twiliopay-go/internal/judge"
)

// maxBody is the longest request body read, in bytes.
const maxBody = 1 << 20

// ServeHTTP answers one request as Twilio would. Use it to put the simulation
// behind a server of your own.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.work.enter() {
		panic(http.ErrAbortHandler) // closed
	}
	defer s.work.leave()
	s.work.add(1)
	defer s.work.done()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the body is too long, or ended early", http.StatusRequestEntityTooLarge)
		return
	}
	asked, violation := s.judge.Request(r, body)
	rec := s.record(r, body, asked, violation)
	if violation != nil {
		s.report(rec, violation)
		s.answer(w, rec, refusalOf(violation, r.URL.Path))
		s.logRequest(rec)
		return
	}
	if !s.config.credentials.permits(r, asked.AccountSID) {
		s.answer(w, rec, refuse(http.StatusUnauthorized, 20003, "Authenticate"))
		s.logRequest(rec)
		return
	}
	s.serve(w, r, rec)
}

// record begins the memory of a request.
func (s *Server) record(r *http.Request, body []byte, asked judge.Request, violation error) *Request {
	header := r.Header.Clone()
	header.Del("Authorization")
	rec := &Request{
		Time: s.config.clock.Now(), Method: r.Method, Path: r.URL.Path, Header: header, Body: string(body), Form: asked.Form,
		AccountSID: asked.AccountSID, CallSID: asked.CallSID, SID: asked.SID,
		IdempotencyKey: asked.Form.Get("IdempotencyKey"), Violation: violation,
	}
	if violation == nil {
		rec.Operation = operationOf(asked.Operation, asked.Form)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, rec)
	rec.Number = len(s.requests) + s.forgotten.requests
	s.forget()
	return rec
}

// answer notes the answer and sends it.
func (s *Server) answer(w http.ResponseWriter, rec *Request, a answer) {
	s.mu.Lock()
	rec.Status, rec.Code = a.status, a.code
	s.mu.Unlock()
	a.write(w, s.requestID(rec))
}

func (s *Server) requestID(rec *Request) string {
	return "RQ" + s.derive(32, "request", strconv.Itoa(rec.Number))
}

// report fails the test for a request against the contract. A violation names
// the field and the rule, never a value.
func (s *Server) report(rec *Request, violation error) {
	if s.config.allowInvalid {
		return
	}
	s.fail("paymentstest: request %d is against the contract: %v", rec.Number, violation)
}

// refusalOf is Twilio's answer to a request against the contract.
func refusalOf(violation error, path string) answer {
	switch {
	case errors.Is(violation, judge.ErrRoute):
		return notFound(path)
	case errors.Is(violation, judge.ErrMethod):
		return refuse(http.StatusMethodNotAllowed, 20004, "Method not allowed")
	case errors.Is(violation, judge.ErrSecurity):
		return refuse(http.StatusUnauthorized, 20003, "Authenticate")
	case errors.Is(violation, judge.ErrMediaType):
		return refuse(http.StatusUnsupportedMediaType, 20415, "Unsupported media type")
	}
	return refuse(http.StatusBadRequest, 64020, "Pay: invalid parameter value: "+violation.Error())
}
