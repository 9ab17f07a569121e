package callback

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

// maxLate is how many verified deliveries may keep running after their timeout
// before new ones get 503: a function that hangs must not fill the memory.
const maxLate = 1024

var (
	errLate = errors.New("handling exceeded the timeout and is still running")
	errBusy = errors.New("too many deliveries are still running after their timeout")
)

// Handler receives status callbacks. It is made by [NewHandler].
type Handler struct {
	*config
	verifier *verifier
	handle   func(context.Context, Event) error
	late     atomic.Int64 // deliveries still running after their timeout
}

// NewHandler returns a handler that verifies and parses the status callbacks of
// payment sessions and calls a function with each event:
//
//	h, err := callback.NewHandler(func(ctx context.Context, e callback.Event) error { … },
//		callback.WithPublicURL("https://pay.example.com"))
//	http.Handle("POST /status", h)
//
// The function is called once for every delivery that Twilio signed and that
// was not handled before, in its own goroutine; calls run concurrently. Return
// nil to acknowledge the event. An error, a panic or a call longer than
// [WithHandlingTimeout] makes the response 500, so that Twilio may deliver again.
//
// The function's context has the values of the request's context and ends with
// the handling timeout. It does not end when the sender closes the connection,
// because an outcome half handled is worse than one handled late. The result of a
// function that returns after the timeout still counts: if it succeeded, the next
// delivery of the event gets 204 without a call; if it failed, the next delivery
// calls it again.
//
// Give the URL at which Twilio reaches this server: [WithPublicURL],
// [WithPublicURLFunc] or [WithHosts]. Without one, only requests for loopback
// hosts such as localhost are accepted, and all others get 403.
//
// NewHandler fails if there is no auth token from [WithAuthTokens],
// [WithTokenSource] or the environment variable TWILIO_AUTH_TOKEN. The package
// documentation lists the response status codes.
//
// See https://www.twilio.com/docs/voice/api/payment-resource#statuscallback
func NewHandler(handle func(ctx context.Context, e Event) error, opts ...Option) (*Handler, error) {
	if handle == nil {
		return nil, errors.New("callback: NewHandler needs a function")
	}
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	if c.deduplicator == nil {
		if c.deduplicator, err = NewMemoryDeduplicator(defaultCapacity, defaultMemory); err != nil {
			return nil, err
		}
	}
	return &Handler{config: c, verifier: newVerifier(c), handle: handle}, nil
}

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	d := h.serve(w, r, start.Add(h.timeout))
	respond(w, statusOf(d.err))
	h.log(r.Context(), r, d, start)
	if h.hooks.Responded != nil {
		h.hook(r.Context(), func() { h.hooks.Responded(r.Context(), statusOf(d.err), time.Since(start)) })
	}
}

// serve handles one request until deadline.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, deadline time.Time) outcome {
	switch {
	case r.Method != http.MethodPost:
		return outcome{err: refuse(badMethod, errMethod)}
	case mediaOf(r) != mediaForm:
		return outcome{err: refuse(badMedia, errMedia)}
	}
	in, err := h.receive(w, r, deadline)
	if err != nil {
		return outcome{err: err}
	}
	in.form = canonical(in.form) // before anything reads it
	ctx, cancel := context.WithDeadline(context.WithoutCancel(r.Context()), deadline)
	event, err := h.verify(ctx, in)
	if err == nil && h.late.Load() >= maxLate {
		err = refuse(unavailable, errBusy)
	}
	if err != nil {
		cancel()
		return outcome{in: in, event: event, err: err}
	}
	d := &delivery{h: h, in: in, event: event, done: make(chan outcome, 1)}
	go d.run(ctx, cancel)
	select {
	case out := <-d.done:
		return out
	case <-ctx.Done():
		return d.abandon()
	}
}

// verify checks the signature and returns the signed event.
func (h *Handler) verify(ctx context.Context, in *received) (Event, error) {
	if err := h.verifier.check(ctx, in); err != nil {
		return Event{}, err
	}
	if err := checkSplit(in.form); err != nil {
		return Event{}, refuse(badForm, err)
	}
	event, err := parseEvent(&origin{in.form, identity(in.signedURL, in.form), in.signedURL})
	if err != nil {
		return Event{}, refuse(badForm, err)
	}
	return event, nil
}

// The responses to a refused or failed delivery. The sender gets only the status.
const (
	badForm     = http.StatusBadRequest            // the form or its event cannot be read
	forbidden   = http.StatusForbidden             // not signed by Twilio for this application
	badMethod   = http.StatusMethodNotAllowed      // not POST
	tooSlow     = http.StatusRequestTimeout        // the body did not arrive in time
	tooLarge    = http.StatusRequestEntityTooLarge // more bytes or parameters than allowed
	badMedia    = http.StatusUnsupportedMediaType  // not a form
	failed      = http.StatusInternalServerError   // this side failed; Twilio may deliver again
	unavailable = http.StatusServiceUnavailable    // not now; Twilio may deliver again
)

// refusal is why the response to a delivery is not 204: the status for the sender
// and the reason for the log.
type refusal struct {
	status int
	reason error
}

func refuse(status int, reason error) *refusal { return &refusal{status, reason} }

func (r *refusal) Error() string { return r.reason.Error() }

func (r *refusal) Unwrap() error { return r.reason }

// statusOf returns the status of the response to err.
func statusOf(err error) int {
	if err == nil {
		return http.StatusNoContent
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.status
	}
	return failed
}

// respond writes the status without a body.
func respond(w http.ResponseWriter, status int) {
	switch status {
	case badMethod:
		w.Header()["Allow"] = []string{http.MethodPost}
	case tooLarge, tooSlow:
		w.Header()["Connection"] = []string{"close"} // instead of reading the rest of the body
	}
	w.WriteHeader(status)
}
