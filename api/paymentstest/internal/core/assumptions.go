package core

import (
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// Assumptions decide what is not known about Twilio. Package paymentstest
// documents its own type, which is converted to this one.
type Assumptions struct {
	KnownCallsOnly bool
	Connectors     []string

	FinishedSessionStatus   int
	FinishedSessionCode     int
	CancelResult            callback.Result
	NoCancelResult          bool
	EndToCreateURL          bool
	SessionLifetime         time.Duration
	ReportSessionInProgress bool
	ReuseKeys               bool

	RecaptureForgetsSecurityCode bool
	HideMatchers                 bool
	FinalPartialResult           string
	DashedCardMask               bool
	IgnoreConnectionOverrides    bool
}

// cancelResult is the Result of a cancel, empty for none.
func (a Assumptions) cancelResult() callback.Result {
	if a.CancelResult == "" && !a.NoCancelResult {
		return callback.ResultTransactionCancelled
	}
	return a.CancelResult
}
