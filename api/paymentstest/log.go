package paymentstest

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"sync"

	"github.com/twiliopay/twiliopay-go/internal/sid"
)

// reporter writes to the log, to the journal's notes, and to the test.
type reporter struct {
	tb      TB           // nil in a program
	logger  *slog.Logger // nil for none
	work    *work
	journal *journal

	mu    sync.Mutex
	noted map[string]bool // the topics of note
}

func newReporter(tb TB, c *config, w *work, j *journal) *reporter {
	return &reporter{tb: tb, logger: c.logger, work: w, journal: j, noted: map[string]bool{}}
}

// fail reports what is wrong with the test, if there is one.
func (r *reporter) fail(format string, args ...any) {
	if r.tb != nil && r.work.ctx.Err() == nil {
		r.tb.Helper()
		r.tb.Errorf(format, args...)
	}
}

// log writes one line if there is a logger. Its fields are an allow-list: SIDs,
// operation, field names, counts, statuses, codes, callback URLs without query.
// Digits, tokens, bodies and credentials are never among them.
func (r *reporter) log(message string, fields ...any) {
	if r.logger != nil {
		r.logger.Info(message, fields...)
	}
}

// warn writes one line about what is refused.
func (r *reporter) warn(message string, fields ...any) {
	if r.logger != nil {
		r.logger.Warn(message, fields...)
	}
}

// maxTopics is how many topics are remembered.
const maxTopics = 1000

// note reports to the test and the journal, once for each topic, something that is
// not wrong in itself.
func (r *reporter) note(topic string, text func() string) {
	if r.work.ctx.Err() != nil {
		return
	}
	r.mu.Lock()
	known := r.noted[topic] || len(r.noted) >= maxTopics
	if !known {
		r.noted[topic] = true
	}
	r.mu.Unlock()
	if known {
		return
	}
	message := text()
	r.journal.note("", message)
	if r.tb != nil {
		r.tb.Helper()
		r.tb.Logf("paymentstest: %s", message)
	}
}

// request logs a request that has its response.
func (r *reporter) request(rec *Request) {
	if r.logger == nil {
		return
	}
	fields := []any{slog.Int("request", rec.Number), slog.String("operation", string(rec.Operation)),
		slog.String("call", wellFormed(rec.CallSID)), slog.String("session", wellFormed(rec.SID)), slog.Int("status", rec.Status)}
	if rec.Operation == Capture {
		fields = append(fields, slog.String("capture", rec.Form.Get("Capture")))
	}
	if rec.Code != 0 {
		fields = append(fields, slog.Int("code", rec.Code))
	}
	if rec.Replayed {
		fields = append(fields, slog.Bool("replayed", true))
	}
	if !rec.Fault.None() {
		fields = append(fields, slog.String("fault", rec.Fault.String()), slog.Bool("committed", rec.Committed))
	}
	if rec.Violation != nil {
		fields = append(fields, slog.String("violation", rec.Violation.Error()))
	}
	r.log("request", fields...)
}

// delivery logs the last attempt to deliver a callback. The caller holds the
// delivery's lock.
func (r *reporter) delivery(o *outgoing, a DeliveryAttempt) {
	if r.logger == nil {
		return
	}
	fields := []any{slog.Int("callback", o.number), slog.String("session", o.form.Get("Sid"))}
	for _, name := range []string{"Capture", "PartialResult", "Required", "ErrorType", "Result", "PayErrorCode"} {
		if value := o.form.Get(name); value != "" {
			fields = append(fields, slog.String(name, value))
		}
	}
	fields = append(fields, slog.String("to", withoutQuery(o.url)))
	if n := len(o.attempts); n > 1 {
		fields = append(fields, slog.Int("attempt", n))
	}
	if a.Status != 0 {
		fields = append(fields, slog.Int("status", a.Status))
	}
	if a.Err != nil {
		fields = append(fields, slog.String("error", a.Err.Error()))
	}
	r.log("callback", fields...)
}

// undelivered explains, once for each host, the two mistakes that otherwise make a
// test wait in silence.
func (r *reporter) undelivered(o *outgoing, status int, err error) {
	if o.number == 0 {
		return // hand-made: the sender sees the outcome, and 403 may be what it wants
	}
	notLocal := errors.Is(err, ErrNotLocal)
	if !notLocal && status != http.StatusForbidden {
		return
	}
	u, err := url.Parse(o.url)
	if err != nil {
		return
	}
	host := u.Scheme + "://" + u.Host
	if notLocal {
		r.note("handler "+host, func() string {
			return fmt.Sprintf("callback %d to %s was not delivered, because its host has no handler: call srv.Handle(%q, handler)", o.number, withoutQuery(o.url), host+"/")
		})
		return
	}
	r.note("403 "+host, func() string {
		return fmt.Sprintf("callback %d to %s was refused with 403: was the handler given srv.AuthToken(), and the URL that this server posts to?", o.number, withoutQuery(o.url))
	})
}

// wellFormed returns text if it is the SID of an account, a call or a session.
// Anything else in its place may be a secret, or a forged line of the log.
func wellFormed(text string) string {
	if text == "" || isSID(text) {
		return text
	}
	return "(not a SID)"
}

func isSID(text string) bool {
	return sid.Call.Is(text) || sid.Payment.Is(text) || sid.Account.Is(text)
}

// quote makes received text safe for a log: on one line, printable and short.
func quote(text string) string {
	const longest = 100
	if len(text) > longest {
		text = text[:longest] + "…"
	}
	return strconv.QuoteToASCII(text)
}

func withoutQuery(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "?"
	}
	return u.Scheme + "://" + u.Host + u.EscapedPath()
}
