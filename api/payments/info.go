package payments

import (
	"bytes"
	"net/http"
	"time"
)

// ResponseInfo is what happened in one call; see [WithResponseInfo]. It holds
// the response's headers as they came; Raw returns the body.
type ResponseInfo struct {
	Status         int         // HTTP status of the last response, 0 when there was none
	Header         http.Header // of the last response
	RequestID      string      // its Twilio-Request-Id
	IdempotencyKey string      // the same on every attempt
	Attempts       []Attempt   // in order; none when nothing was sent

	raw rawBody
}

// Raw returns the body of the last response as it came, at most its first 64
// KiB; nil when there was none.
func (i *ResponseInfo) Raw() []byte { return i.raw.bytes() }

// Attempt is one of the requests of a call.
type Attempt struct {
	Status   int           // 0 when there was no response
	Duration time.Duration // from its beginning to the last byte read
	Delay    time.Duration // the wait after it, 0 after the last
}

const headerRequestID = "Twilio-Request-Id"

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
