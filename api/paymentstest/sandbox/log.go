package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
)

// lines writes log records for people: the time, the message, and the attributes as
// "name value".
type lines struct {
	mu  *sync.Mutex
	out io.Writer
}

// newLog returns a handler that writes log records for people or as JSON, and the
// lock it holds while writing.
func newLog(out io.Writer, asJSON bool) (slog.Handler, sync.Locker) {
	mu := new(sync.Mutex)
	if !asJSON {
		return &lines{mu: mu, out: out}, mu
	}
	return slog.NewJSONHandler(out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindString {
			a.Value = slog.StringValue(inFlags(a.Value.String()))
		}
		return a
	}}), mu
}

func (l *lines) Enabled(context.Context, slog.Level) bool { return true }

func (l *lines) Handle(_ context.Context, r slog.Record) error {
	var details []string
	r.Attrs(func(a slog.Attr) bool {
		if value := a.Value.String(); value != "" {
			details = append(details, cmp.Or(labels[a.Key], a.Key)+" "+printable(inFlags(value)))
		}
		return true
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := fmt.Fprintf(l.out, "%s  %-19s  %s\n", r.Time.Format("15:04:05.000"), r.Message, strings.Join(details, ", "))
	return err
}

// labels replace the names of attributes.
var labels = map[string]string{"violation": "contract violation:", "error": "not delivered:"}

// printable quotes a value that could be mistaken for several values or lines.
func printable(value string) string {
	if strings.Contains(value, ", ") || strings.ContainsFunc(value, func(r rune) bool { return r > '~' || r < ' ' }) {
		return strconv.QuoteToASCII(value)
	}
	return value
}

// WithAttrs and WithGroup are not used by the simulation.
func (l *lines) WithAttrs([]slog.Attr) slog.Handler { return l }
func (l *lines) WithGroup(string) slog.Handler      { return l }
