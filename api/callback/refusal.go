package callback

import (
	"errors"
	"net/http"
)

// The answers a refused or failed delivery gets. None has a body: the sender
// learns the status and nothing else.
const (
	badForm     = http.StatusBadRequest            // the form or the event in it cannot be read
	forbidden   = http.StatusForbidden             // not signed by Twilio for this application
	badMethod   = http.StatusMethodNotAllowed      // not POST
	tooSlow     = http.StatusRequestTimeout        // the body did not arrive in time
	tooLarge    = http.StatusRequestEntityTooLarge // more bytes or parameters than allowed
	badMedia    = http.StatusUnsupportedMediaType  // not a form
	failed      = http.StatusInternalServerError   // this side failed; Twilio may deliver again
	unavailable = http.StatusServiceUnavailable    // not now; Twilio may deliver again
)

// refusal is why a delivery is not answered 204: what the sender gets, and the
// reason for the log.
type refusal struct {
	status int
	reason error
}

func refuse(status int, reason error) *refusal { return &refusal{status, reason} }

func (r *refusal) Error() string { return r.reason.Error() }

func (r *refusal) Unwrap() error { return r.reason }

// statusOf returns the status err is answered with.
func statusOf(err error) int {
	if err == nil {
		return http.StatusNoContent
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.status
	}
	return failed
}

// answer writes the status without a body.
func answer(w http.ResponseWriter, status int) {
	switch status {
	case badMethod:
		w.Header()["Allow"] = []string{http.MethodPost}
	case tooLarge, tooSlow:
		w.Header()["Connection"] = []string{"close"} // the rest of the body is not wanted
	}
	w.WriteHeader(status)
}
