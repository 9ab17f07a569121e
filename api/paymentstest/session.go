package paymentstest

import "time"

// session is a payment session. The server's lock guards it.
type session struct {
	sid        string
	accountSID string
	call       *Call
	created    time.Time
	updated    time.Time
	finished   bool
}
