package payments

import (
	"bytes"
	"io"
	"sync/atomic"
)

// body is the form of one attempt. It knows whether a transport ever began to
// read it: until then nothing of it has left, and Twilio cannot have acted.
type body struct {
	text []byte
	read atomic.Bool
}

// open returns a reader from the beginning. A transport may open a body more
// than once; what counts is whether any was read.
func (b *body) open() io.ReadCloser {
	r := &bodyReader{body: b}
	r.text.Reset(b.text)
	return r
}

type bodyReader struct {
	body *body
	text bytes.Reader
}

func (r *bodyReader) Read(p []byte) (int, error) {
	r.body.read.Store(true)
	return r.text.Read(p)
}

func (r *bodyReader) Close() error { return nil }
