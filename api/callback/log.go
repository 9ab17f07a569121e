package callback

import (
	"context"
	"errors"
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback/internal/signature"
)

// log writes what became of a delivery. What is written stands in this file and
// nowhere else: no header, no body, no query. A signature that does not fit is
// explained, at most once a second, for r, which is nil for a late delivery.
func (c *config) log(ctx context.Context, r *http.Request, out outcome, start time.Time) {
	defer recoverLogger(ctx)
	level, text := slog.LevelDebug, "status callback handled"
	status := statusOf(out.err)
	switch {
	case status >= http.StatusInternalServerError:
		level, text = slog.LevelError, "status callback failed"
	case out.err != nil:
		level, text = slog.LevelWarn, "status callback refused"
	case out.again:
		text = "status callback was handled before"
	}
	if !c.logger.Enabled(ctx, level) {
		return
	}
	attrs := append(make([]slog.Attr, 0, 6), slog.Int("status", status), slog.Duration("duration", time.Since(start)))
	attrs = append(attrs, reason(out.err)...)
	if status == forbidden && out.in != nil {
		attrs = append(attrs, slog.String("url", signature.Cut(out.in.url).Shown()))
		if r != nil && errors.Is(out.err, errSignature) && c.explainer.allow(time.Now()) {
			attrs = append(attrs, slog.String("explanation", explain(r, out.in, out.err).Reason))
		}
	}
	if out.event.SID != "" {
		attrs = append(attrs, slog.Any("event", out.event))
	}
	c.logger.LogAttrs(ctx, level, text, attrs...)
}

// hook calls a hook of the user, whose panic is logged and ends nothing.
func (c *config) hook(ctx context.Context, f func()) {
	err := guard("hook: ", func() error { f(); return nil })
	if err != nil {
		defer recoverLogger(ctx)
		c.logger.LogAttrs(ctx, slog.LevelError, "status callback: hook failed", reason(err)...)
	}
}

// logUnsettled writes that a deduplicator failed to settle a claim.
func (c *config) logUnsettled(ctx context.Context, err error, e Event) {
	defer recoverLogger(ctx)
	c.logger.LogAttrs(ctx, slog.LevelError, "status callback: claim not settled", append(reason(err), slog.Any("event", e))...)
}

// recoverLogger keeps a panic of the user's logger from ending the process. That
// it panicked is said where net/http says such things, and not by the logger
// again: it may have died with its lock held.
func recoverLogger(ctx context.Context) {
	v := recover()
	if v == nil {
		return
	}
	defer func() { _ = recover() }() // ErrorLog may be the user's too
	out := log.New(os.Stderr, "", log.LstdFlags)
	if server, ok := ctx.Value(http.ServerContextKey).(*http.Server); ok && server.ErrorLog != nil {
		out = server.ErrorLog
	}
	out.Printf("callback: the logger of WithLogger: panic: %s", panicText(v))
}

// reason returns why, and where when it was a panic.
func reason(err error) []slog.Attr {
	if err == nil {
		return nil
	}
	attrs := []slog.Attr{slog.String("error", err.Error())}
	if p, ok := errors.AsType[*panicError](err); ok {
		attrs = append(attrs, slog.String("stack", string(p.stack)))
	}
	return attrs
}
