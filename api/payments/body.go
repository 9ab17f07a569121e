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
// have some of it, and says so in doubt.
//
// Of net/http's own transport a trace tells: without a connection nothing has
// left. Of any other only its reading of the body does: until then nothing can
// have left. A transport that reads the body before there is a connection makes
// the outcome unknown, which is the safe side.
//
// The trace is there because net/http sends a body whose type it does not know
// apart from the headers, in two packets.
type sending struct {
	text      bytes.Reader
	traced    bool
	asked     atomic.Bool // traced: for a connection
	connected atomic.Bool // traced: the connection was there
	read      atomic.Bool // not traced: of the body
}

// open returns the body for a request that client sends.
func (s *sending) open(client *http.Client, text []byte) io.Reader {
	s.text.Reset(text)
	p, _ := client.Transport.(pathless)
	if _, s.traced = p.RoundTripper.(*http.Transport); s.traced {
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
	if !s.traced {
		return ctx
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { s.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { s.connected.Store(true) },
	})
}

// never reports whether nothing of the form can have left.
func (s *sending) never() bool {
	if s.traced {
		return s.asked.Load() && !s.connected.Load()
	}
	return !s.read.Load()
}
