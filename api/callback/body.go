package callback

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

var (
	errTooLarge = errors.New("body is larger than the limit")
	errSlow     = errors.New("body did not arrive in time")
	errBroken   = errors.New("body broke off")
)

// firstRead is the room for a body before any of it has come; a status callback
// has about 800 bytes.
const firstRead = 2 << 10

// readBody reads all of a request's body, at most limit bytes and, where the
// connection can be told so, not later than deadline.
func readBody(w http.ResponseWriter, r *http.Request, limit int64, deadline time.Time) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	if r.ContentLength > limit {
		return nil, refuse(tooLarge, errTooLarge)
	}
	unbound := boundReading(w, r, deadline)
	// Memory is taken for what has come, not for what a Content-Length
	// announces, which costs the sender nothing.
	size := bytes.MinRead + min(max(r.ContentLength, 0), firstRead)
	b := bytes.NewBuffer(make([]byte, 0, size))
	_, err := b.ReadFrom(io.LimitReader(r.Body, limit+1))
	_, overrun := errors.AsType[*http.MaxBytesError](err)
	switch {
	case overrun || int64(b.Len()) > limit:
		return nil, refuse(tooLarge, errTooLarge)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, refuse(tooSlow, errSlow)
	case err != nil:
		return nil, refuse(badForm, errBroken) // its text may hold what was read
	}
	unbound() // but not above: the server must not wait for what is left
	return b.Bytes(), nil
}

// boundReading makes reads from the connection fail after deadline, and returns
// what takes that back; the server sets a deadline of its own for the next
// request. A server whose ReadTimeout is at least as strict keeps it. A
// ResponseWriter that knows no deadlines, as httptest's recorder, has its body
// in memory.
func boundReading(w http.ResponseWriter, r *http.Request, deadline time.Time) (unbound func()) {
	server, ok := r.Context().Value(http.ServerContextKey).(*http.Server)
	if ok && server.ReadTimeout > 0 && !time.Now().Add(server.ReadTimeout).After(deadline) {
		return func() {}
	}
	conn := deadliner(w)
	if conn == nil || conn.SetReadDeadline(deadline) != nil {
		return func() {}
	}
	return func() { _ = conn.SetReadDeadline(time.Time{}) }
}

type readDeadliner interface{ SetReadDeadline(time.Time) error }

// deadliner finds what http.ResponseController would, without making an error
// for a writer that has none.
func deadliner(w http.ResponseWriter) readDeadliner {
	for {
		switch v := w.(type) {
		case readDeadliner:
			return v
		case interface{ Unwrap() http.ResponseWriter }:
			w = v.Unwrap()
		default:
			return nil
		}
	}
}
