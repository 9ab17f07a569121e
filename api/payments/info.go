package payments

import (
	"net/http"
	"time"
)

// ResponseInfo tells what happened in one call; see [WithResponseInfo]. It holds
// the answer's headers as they came, and no body.
type ResponseInfo struct {
	Status         int         // HTTP status of the last answer, 0 when there was none
	Header         http.Header // of the last answer
	RequestID      string      // its Twilio-Request-Id
	IdempotencyKey string      // the same on every attempt
	Attempts       []Attempt   // in order; none when nothing was sent
}

// Attempt is one of the requests of a call.
type Attempt struct {
	Status   int           // 0 when there was no answer
	Duration time.Duration // from its beginning to the last byte read
	Delay    time.Duration // the wait after it, 0 after the last
}

const headerRequestID = "Twilio-Request-Id"
