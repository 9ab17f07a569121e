package paymentstest

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
	"github.com/twiliopay/twiliopay-go/internal/validator"
)

// maxBody is the longest request body read, in bytes.
const maxBody = 1 << 20

// ServeHTTP responds to one request as Twilio would. Use it to put the simulation
// behind a server of your own.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// handler is the simulated API over HTTP: it checks credentials and contract, lets
// the simulation act, and responds, unless a fault interferes.
type handler struct {
	config    *config
	validator *validator.Validator
	booleans  []string // the boolean fields of the contract, with AllowCapitalBooleans
	work      *work
	report    *reporter
	requests  *requestLog
	faults    *faults
	sim       *simulation
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.work.enter() {
		panic(http.ErrAbortHandler) // closed
	}
	defer h.work.leave()
	h.work.add(1)
	defer h.work.done()
	if r.URL.Path == tokenPath {
		h.serveToken(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the body is too long, or ended early", http.StatusRequestEntityTooLarge)
		return
	}
	checked, capital := body, []string(nil)
	if h.config.capitalBooleans {
		var text string
		text, capital = lowerBooleans(string(body), h.booleans)
		checked = []byte(text)
	}
	asked, violation := h.validator.Request(h.config.credentials.asContract(r), checked)
	permitted, lacks := h.config.credentials.permits(r, asked.AccountSID, h.config.clock.Now())
	permitted = permitted && violation == nil
	rec := h.record(r, body, asked, violation, permitted)
	h.warnOfBooleans(rec, capital)
	switch {
	case violation != nil:
		if !h.config.allowInvalid { // a violation names the field and the rule, never a value
			h.report.fail("paymentstest: request %d is against the contract: %v", rec.Number, violation)
		}
		h.refuse(w, rec, refusalOf(violation, r.URL.Path))
	case !permitted:
		h.refuse(w, rec, refuse(http.StatusUnauthorized, 20003, "Authenticate"))
	case len(lacks) > 0:
		h.refuse(w, rec, lacking(lacks))
	default:
		h.serve(w, r, rec)
	}
}

// record begins the record of a request. What was sent is kept only if the request
// is permitted: a stranger's would fill the memory.
func (h *handler) record(r *http.Request, body []byte, asked validator.Request, violation error, permitted bool) *Request {
	rec := &Request{
		Time: h.config.clock.Now(), Method: r.Method, Path: r.URL.Path,
		AccountSID: asked.AccountSID, CallSID: asked.CallSID, SID: asked.SID, Violation: violation, started: time.Now(),
	}
	if violation == nil {
		rec.Operation = operationOf(asked.Operation, asked.Form)
	}
	if permitted {
		detach(asked.Form, len(body))
		rec.Header = withoutCredentials(r.Header)
		rec.Body, rec.Form, rec.IdempotencyKey = asked.Body, asked.Form, asked.Form.Get("IdempotencyKey")
		if rec.Body != string(body) { // its booleans were changed
			rec.Body = string(body)
		}
	}
	h.requests.add(rec, permitted)
	return rec
}

// withoutCredentials shares the values of h, which do not change.
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

// refuse responds to a request that nothing acts on, and logs it.
func (h *handler) refuse(w http.ResponseWriter, rec *Request, a response) {
	h.send(w, rec, a)
	h.report.request(rec)
}

func (h *handler) send(w http.ResponseWriter, rec *Request, a response) {
	h.requests.responded(rec, sentResponse{response: a})
	a.write(w, h.requests.requestID(rec))
}

// serve acts on a valid request and responds to it, with the fault that was chosen
// for it. What the request causes starts after the response.
func (h *handler) serve(w http.ResponseWriter, r *http.Request, rec *Request) {
	fault := h.faults.choose(rec)
	if !fault.commit {
		h.pause(fault.delay)
	}
	var a response
	var st *step
	if fault.commit || fault.kind == faultNone {
		a, st = h.act(rec)
	}
	followed := false
	follow := func() {
		if !followed {
			followed = true
			h.report.request(rec)
			if st != nil {
				h.sim.follow(st, rec.CallSID)
			}
		}
	}
	defer follow()
	if fault.commit {
		h.pause(fault.delay)
	}
	if fault.delay > 0 { // the response's time starts now; without a connection there is no deadline
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout))
	}
	switch fault.kind {
	case faultNone:
		h.send(w, rec, a)
		_ = http.NewResponseController(w).Flush()
	case faultRespond:
		h.respondWith(w, rec, fault)
	case faultHalfBody:
		h.respondHalf(w, rec, a)
	case faultReset:
		h.reset(w, rec)
	case faultSilence:
		h.requests.responded(rec, sentResponse{})
		follow()
		h.silence(r)
	}
}

// act does what a request asks for. It returns the step of a request that the
// simulation acts on.
func (h *handler) act(rec *Request) (a response, st *step) {
	if rec.issue != nil {
		return rec.issue(), nil
	}
	st = h.sim.request(rec.entry, core.Request{
		Operation: core.Operation(rec.Operation), AccountSID: rec.AccountSID, CallSID: rec.CallSID, SID: rec.SID, Path: rec.Path, Form: rec.Form,
	}, func(r core.Response, assumption string) {
		h.requests.acted(rec, r)
		a = responseOf(r, assumption)
	})
	return a, st
}

// pause waits for d of the server's time. When the server closes first, it aborts
// the request.
func (h *handler) pause(d time.Duration) {
	if d <= 0 {
		return
	}
	passed := make(chan struct{})
	stop := h.config.clock.AfterFunc(d, func() { close(passed) })
	select {
	case <-passed:
	case <-h.work.ctx.Done():
		stop()
		panic(http.ErrAbortHandler)
	}
}
