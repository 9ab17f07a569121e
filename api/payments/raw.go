package payments

import "bytes"

// maxRaw is how much of a response's body is kept for Raw.
const maxRaw = 64 << 10

// rawBody is a body behind a function, so that no printer reaches it.
type rawBody func() []byte

func keepRaw(body []byte) rawBody {
	if body == nil {
		return nil
	}
	if len(body) > maxRaw {
		body = bytes.Clone(body[:maxRaw]) // lets go of the rest
	}
	return func() []byte { return bytes.Clone(body) }
}

func (r rawBody) bytes() []byte {
	if r == nil {
		return nil
	}
	return r()
}
