package callback

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"
)

// log writes what became of a delivery. What is written stands in this file and
// nowhere else: no header, no body, no query.
func (c *config) log(ctx context.Context, out outcome, start time.Time) {
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
		attrs = append(attrs, slog.String("url", cutURL(out.in.url).shown()))
	}
	if out.event.sealed != nil {
		attrs = append(attrs, slog.Any("event", out.event))
	}
	c.logger.LogAttrs(ctx, level, text, attrs...)
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
