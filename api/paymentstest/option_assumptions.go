package paymentstest

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// Assumptions are how a server behaves where Twilio's behavior is not known. The zero
// value is what the table in the package documentation assumes; set a field to test an
// application under another assumption.
type Assumptions struct {
	// KnownCallsOnly refuses sessions on calls that the test has not made with
	// [Server.Call] or [Server.NewCall], with 404. Otherwise every call SID is a
	// call in progress.
	KnownCallsOnly bool
	// Connectors are the installed payment connectors; others are refused with
	// 64004. Nil: any name is one.
	Connectors []string

	// FinishedSessionStatus and FinishedSessionCode are the response to an update
	// of a session that has ended: a status from 400 to 599, and Twilio's code.
	// Zero: 404 with code 20404.
	FinishedSessionStatus int
	FinishedSessionCode   int
	// CancelResult is the Result of the callback after a cancel, by the
	// application or by a caller who does not confirm. Empty:
	// transaction-cancelled. NoCancelResult leaves the parameter out.
	CancelResult   callback.Result
	NoCancelResult bool
	// EndToCreateURL sends the callback about * and hanging up to the
	// StatusCallback of create, instead of that of the last accepted request.
	EndToCreateURL bool
	// SessionLifetime ends a session, without a callback, after this time without a
	// request. Zero: sessions stay open.
	SessionLifetime time.Duration
	// ReportSessionInProgress adds a callback with ErrorType session-in-progress to
	// the refusal of a second session, 64021.
	ReportSessionInProgress bool
	// ReuseKeys lets one IdempotencyKey serve many operations, as Twilio's own
	// demos do: create, complete and cancel are replayed if they are repeated
	// unchanged, captures always act. Otherwise a key with another request is refused.
	ReuseKeys bool

	// RecaptureForgetsSecurityCode makes a second capture of the card number
	// require the security code again.
	RecaptureForgetsSecurityCode bool
	// HideMatchers omits the matcher captures from Required. Completing without them
	// is still refused.
	HideMatchers bool
	// FinalPartialResult is PartialResult of a finished entry, such as "false".
	// Empty: the parameter is absent.
	FinalPartialResult string
	// DashedCardMask masks card numbers as the vendor's documentation shows them,
	// xxxx-xxxxxx-x4001, instead of xxxxxxxxxxx4001 as captured payloads have it.
	DashedCardMask bool
	// IgnoreConnectionOverrides ignores the fragment of a StatusCallback, such as
	// #rc=3&rp=5xx.
	IgnoreConnectionOverrides bool
}

// WithAssumptions sets what is assumed of Twilio. Default: the zero [Assumptions].
// [Server.SetAssumptions] changes it later.
func WithAssumptions(a Assumptions) Option {
	return func(c *config) error {
		if field, rule := a.check(); rule != "" {
			return optionError("WithAssumptions", field+" "+rule)
		}
		c.assume = a.clone()
		return nil
	}
}

// SetAssumptions sets what is assumed of Twilio from now on, also for open sessions. It
// fails, and changes nothing, for values that [WithAssumptions] refuses.
func (s *Server) SetAssumptions(a Assumptions) error {
	if field, rule := a.check(); rule != "" {
		return fmt.Errorf("paymentstest: SetAssumptions: %s %s", field, rule)
	}
	s.sim.changeAssumptions(a)
	return nil
}

// Assumptions returns what is now assumed of Twilio.
func (s *Server) Assumptions() Assumptions { return s.sim.assumptions() }

func (a Assumptions) clone() Assumptions {
	a.Connectors = slices.Clone(a.Connectors)
	return a
}

// check returns the invalid field and the rule, empty for none.
func (a Assumptions) check() (field, rule string) {
	switch {
	case a.FinishedSessionStatus != 0 && (a.FinishedSessionStatus < http.StatusBadRequest || a.FinishedSessionStatus > 599):
		return "FinishedSessionStatus", "must be from 400 to 599, or zero"
	case a.FinishedSessionStatus == 0 && a.FinishedSessionCode != 0:
		return "FinishedSessionCode", "needs a FinishedSessionStatus"
	case a.Connectors != nil && len(a.Connectors) == 0:
		return "Connectors", "must be nil or name a connector"
	case a.NoCancelResult && a.CancelResult != "":
		return "CancelResult", "must be empty with NoCancelResult"
	case a.SessionLifetime < 0:
		return "SessionLifetime", "must not be negative"
	}
	return "", ""
}
