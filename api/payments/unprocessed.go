package payments

import (
	"errors"
	"fmt"
	"strings"
)

// unprocessedError is the failure of an attempt that was sent and that, as the
// protocol guarantees, the server has not processed.
type unprocessedError struct {
	reason string
	error
}

func (e unprocessedError) Error() string { return e.reason }

func (e unprocessedError) Unwrap() error { return e.error }

// unprocessed returns err as an unprocessedError if it is one, else nil.
//
// net/http exports no types for these failures: its HTTP/2 transport formats the
// cause into the text when a request has no GetBody, and a write of no bytes has
// an unexported type. Any other text is no guarantee. If a Go release changes a
// text, outcomes become unknown, never the reverse. internal/verify/h2 checks the
// texts against the supported releases over real connections. The outcome is also
// unknown if a write sends no bytes and net/http reports the read that ended with it.
//
// A joined error is not searched: it is about more than one request.
func unprocessed(err error) error {
	for e := err; e != nil; e = errors.Unwrap(e) {
		if reason := reasonUnprocessed(e); reason != "" {
			return unprocessedError{reason, err}
		}
	}
	return nil
}

const (
	reasonRefused = "the server refused the HTTP/2 stream unprocessed"
	reasonGoAway  = "the server shut the HTTP/2 connection down before it processed the request"
	reasonUntaken = "the connection was lost before any of the request was written"
)

func reasonUnprocessed(err error) string {
	if fmt.Sprintf("%T", err) == "http.nothingWrittenError" { // HTTP/1: the first write took no byte
		return reasonUntaken
	}
	text, noSecondBody := strings.CutPrefix(err.Error(), "http2: Transport: cannot retry err [")
	if noSecondBody {
		text, _, _ = strings.Cut(text, "] after Request.Body was written;")
	}
	switch {
	case strings.HasPrefix(text, "stream error: stream ID ") && strings.HasSuffix(text, "; REFUSED_STREAM; received from peer"):
		return reasonRefused // RFC 9113, 8.7
	case text == "http2: Transport received Server's graceful shutdown GOAWAY", // to streams above the last one named: RFC 9113, 6.8
		strings.HasPrefix(text, "http2: Transport received GOAWAY from server ErrCode:"): // to the first stream, with an error
		return reasonGoAway
	}
	return ""
}
