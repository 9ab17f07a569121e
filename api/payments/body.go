package payments

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// sending is the form of one attempt on its way. It knows whether Twilio may
// have some of it; in doubt Twilio may.
//
// A trace reports what net/http does with the request, also below a middleware
// that passes the request's context on. Until the headers were written nothing
// of the form can have left, since it follows them. A transport that is not
// net/http's calls no trace: there the only sign is that it has read the body.
//
// net/http's own transport gets a bytes.Reader, since it sends a body of a type
// it does not know apart from the headers, in two packets.
type sending struct {
	text   bytes.Reader
	trace  httptrace.ClientTrace
	plain  bool         // straight to an http.Transport
	asked  atomic.Bool  // for a connection
	writes atomic.Int32 // how often the headers of a request were written
	read   atomic.Bool  // of the body, unless plain
}

// open returns the body for a request that client sends.
func (s *sending) open(client *http.Client, text []byte) io.Reader {
	s.text.Reset(text)
	if s.plain = plainTransport(client) != nil; s.plain {
		return &s.text
	}
	return s
}

// Read reads on, and notes that it was asked to.
func (s *sending) Read(p []byte) (int, error) {
	s.read.Store(true)
	return s.text.Read(p)
}

// watch returns the context to send the request with.
func (s *sending) watch(ctx context.Context) context.Context {
	s.trace.GetConn = func(string) { s.asked.Store(true) }
	s.trace.WroteHeaders = func() { s.writes.Add(1) }
	return httptrace.WithClientTrace(ctx, &s.trace)
}

// never reports whether nothing of the form can have left.
func (s *sending) never() bool {
	if s.asked.Load() {
		return s.writes.Load() == 0
	}
	return !s.plain && !s.read.Load()
}

// once reports whether the form left once and no more, so that the error of the
// attempt is about the only request there was.
func (s *sending) once() bool { return s.writes.Load() == 1 }
