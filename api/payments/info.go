package payments

import (
	"bytes"
	"net/http"
	"time"
)

// ResponseInfo describes the attempts of one call and its last response; see
// [WithResponseInfo].
type ResponseInfo struct {
	Status         int         // HTTP status of the last attempt, 0 when it got no response
	Header         http.Header // of that response, unchanged
	RequestID      string      // its Twilio-Request-Id, printable, cut after 128 bytes
	IdempotencyKey string      // the same on every attempt
	Attempts       []Attempt   // in order; empty when the call failed before the first

	raw rawBody
}

// Raw returns the unchanged body of the last attempt's response, at most its first
// 64 KiB; nil when it got none.
func (i *ResponseInfo) Raw() []byte { return i.raw.bytes() }

// Attempt is one of the requests of a call.
type Attempt struct {
	Status   int           // 0 when there was no response
	Duration time.Duration // from its start to the last byte read
	Delay    time.Duration // the wait after it, 0 after the last
}

const headerRequestID = "Twilio-Request-Id"

// maxRaw limits how much of a response's body is kept for Raw.
const maxRaw = 64 << 10

// rawBody is a body behind a function, so that fmt and encoders cannot print it.
type rawBody func() []byte

func keepRaw(body []byte) rawBody {
	if body == nil {
		return nil
	}
	if len(body) > maxRaw {
		body = bytes.Clone(body[:maxRaw]) // so the rest can be collected
	}
	return func() []byte { return bytes.Clone(body) }
}

func (r rawBody) bytes() []byte {
	if r == nil {
		return nil
	}
	return r()
}
