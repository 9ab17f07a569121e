package payments

import (
	"context"
	"log/slog"
	"time"

	"github.com/twiliopay/twiliopay-go/internal/sid"
)

// logAttempt and logFailure write only the fields listed under "Secrets" in the
// package documentation. sids leaves out invalid SIDs.

func (c *call) logAttempt(ctx context.Context, a *attemptResult, number int, took, delay time.Duration) {
	if c.logger == nil || !c.logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	c.logger.LogAttrs(ctx, slog.LevelDebug, "twilio payments attempt", append(c.sids(),
		slog.Int("attempt", number),
		slog.Int("status", a.status),
		slog.Int("code", a.code()),
		slog.String("request_id", a.requestID),
		slog.Duration("duration", took),
		slog.Duration("delay", delay),
	)...)
}

func (c *call) logFailure(ctx context.Context, e *Error, took time.Duration) {
	if c.logger == nil || !c.logger.Enabled(ctx, slog.LevelWarn) {
		return
	}
	c.logger.LogAttrs(ctx, slog.LevelWarn, "twilio payments failed", append(c.sids(),
		slog.Int("attempt", e.Attempts),
		slog.Int("status", e.Status),
		slog.Int("code", e.Code),
		slog.String("request_id", e.RequestID),
		slog.Duration("duration", took),
	)...)
}

func (c *call) sids() []slog.Attr {
	attrs := make([]slog.Attr, 0, 9)
	attrs = append(attrs, slog.String("operation", c.name), slog.String("account_sid", c.accountSID()))
	if sid.Call.Is(c.callSID) {
		attrs = append(attrs, slog.String("call_sid", c.callSID))
	}
	if sid.Payment.Is(c.sid) {
		attrs = append(attrs, slog.String("payment_sid", c.sid))
	}
	return attrs
}
