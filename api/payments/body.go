package payments

import (
	"bytes"
	"sync/atomic"
)

// body is the form of one attempt. It knows whether a transport ever began to
// read it: until then nothing of it has left, and Twilio cannot have acted. A
// middleware that reads it before there is a connection makes the outcome
// unknown, which is the safe side.
type body struct {
	text bytes.Reader
	read atomic.Bool
}

func newBody(text []byte) *body {
	b := new(body)
	b.text.Reset(text)
	return b
}

// Read reads on, and notes that it was asked to.
func (b *body) Read(p []byte) (int, error) {
	b.read.Store(true)
	return b.text.Read(p)
}
