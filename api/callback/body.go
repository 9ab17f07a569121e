package callback

import (
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"time"
)

var (
	errTooLarge = errors.New("body is larger than the limit")
	errSlow     = errors.New("body did not arrive in time")
	errBroken   = errors.New("body broke off")
)

// A body has at most firstRead bytes of room before any of it has come, and
// minRead when its length is not announced; a status callback has about 800 bytes.
const (
	firstRead = 2 << 10
	minRead   = 512
)

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
	b, err := readUpTo(r.Body, limit, r.ContentLength)
	_, overrun := errors.AsType[*http.MaxBytesError](err)
	switch {
	case overrun || int64(len(b)) > limit:
		return nil, refuse(tooLarge, errTooLarge)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, refuse(tooSlow, errSlow)
	case err != nil:
		return nil, refuse(badForm, errBroken) // its text may hold what was read
	}
	unbound() // but not above: the server must not wait for what is left
	return b, nil
}

// readUpTo reads to the end, or until there are more than limit bytes. Memory is
// taken for what has come, not for the length that is announced, which costs the
// sender nothing.
func readUpTo(body io.Reader, limit, announced int64) ([]byte, error) {
	size := int64(minRead)
	if announced > 0 {
		size = min(announced, firstRead) + 1 // so that the end is seen without more room
	}
	b := make([]byte, 0, size)
	for int64(len(b)) <= limit {
		b = slices.Grow(b, 1)
		n, err := body.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return b, err
		}
	}
	return b, nil
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
