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

// log logs the outcome of a delivery. Only this file decides what is logged: no
// header, no body, no query. A signature that does not match is explained, at most
// once a second. r is nil for a delivery that ended after its response.
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

// hook calls a hook; its panic is only logged.
func (c *config) hook(ctx context.Context, f func()) {
	err := guard("hook: ", func() error { f(); return nil })
	if err != nil {
		defer recoverLogger(ctx)
		c.logger.LogAttrs(ctx, slog.LevelError, "status callback: hook failed", reason(err)...)
	}
}

// logUnsettled logs that a deduplicator failed to settle a claim.
func (c *config) logUnsettled(ctx context.Context, err error, e Event) {
	defer recoverLogger(ctx)
	c.logger.LogAttrs(ctx, slog.LevelError, "status callback: claim not settled", append(reason(err), slog.Any("event", e))...)
}

// recoverLogger keeps a panic of the user's logger from ending the process. It
// reports the panic to net/http's error log rather than to the logger, which may
// have panicked with its lock held.
func recoverLogger(ctx context.Context) {
	v := recover()
	if v == nil {
		return
	}
	defer func() { _ = recover() }() // ErrorLog may panic too
	out := log.New(os.Stderr, "", log.LstdFlags)
	if server, ok := ctx.Value(http.ServerContextKey).(*http.Server); ok && server.ErrorLog != nil {
		out = server.ErrorLog
	}
	out.Printf("callback: the logger of WithLogger: panic: %s", panicText(v))
}

// reason returns the error and, for a panic, its stack.
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
