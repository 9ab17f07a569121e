package paymentstest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// story is the journal as a line for each entry: its kind, the kind of its cause
// and its details. Key presses of one entry and their callbacks are left to other
// tests.
func story(entries []paymentstest.Entry) []string {
	kinds := map[int64]paymentstest.EntryKind{}
	var lines []string
	for _, e := range entries {
		kinds[e.Number] = e.Kind
		line := string(e.Kind)
		if cause, known := kinds[e.Cause]; known {
			line += " < " + string(cause)
		}
		switch {
		case e.Request != nil:
			line += fmt.Sprintf(": %s", e.Request.Operation)
		case e.Response != nil:
			line += fmt.Sprintf(": %d", e.Response.Status)
			if e.Response.Code != 0 {
				line += fmt.Sprintf(" code %d", e.Response.Code)
			}
			if e.Response.Fault != "" {
				line += " fault " + e.Response.Fault
			}
		case e.State != nil:
			line += fmt.Sprintf(": %s %v", e.State.Phase, e.State.Missing)
			if e.State.Result != "" {
				line += " " + string(e.State.Result)
			}
		case e.Prompt != nil:
			line += fmt.Sprintf(": %s %s", e.Prompt.Capture, e.Prompt.Reason)
		case e.Callback != nil:
			line += fmt.Sprintf(": %s %s", e.Callback.Event, e.Callback.Form.Get("Result"))
		case e.Attempt != nil:
			line += fmt.Sprintf(": %d", e.Attempt.Status)
		case e.Gateway != nil:
			line += fmt.Sprintf(": %s %s", e.Gateway.Operation, e.Gateway.Result)
		case e.Fault != nil:
			line += fmt.Sprintf(": %s %s", e.Fault.Target, e.Fault.Name)
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// since returns the entries after a number. It is called when nothing is in progress.
func (b *bench) since(number int64) []paymentstest.Entry {
	b.t.Helper()
	b.must(b.srv.Wait(b.t.Context()))
	return b.srv.Entries(number, 1<<20)
}

// mount gives the callbacks to a handler that accepts them.
func (b *bench) mount(h http.HandlerFunc) {
	b.t.Helper()
	b.must(b.srv.Handle("https://pay.example.com/", h))
}

func takes(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

func TestJournalSaysWhatCausedWhat(t *testing.T) {
	t.Parallel()
	number, code := payments.CapturePaymentCardNumber, payments.CaptureSecurityCode
	asked := []string{
		"request.received: capture", "prompt.opened < request.received: security-code", "callback.made < request.received: updated",
		"session.changed < request.received: capturing [security-code]", "response.sent < request.received: 202",
		"callback.attempted < callback.made: 0", "callback.responded < callback.attempted: 204",
	}
	digit := []string{"key.pressed < prompt.opened", "callback.made < key.pressed: updated", "callback.attempted < callback.made: 0", "callback.responded < callback.attempted: 204"}
	taken := func(rest ...string) []string {
		return append(append([]string{"key.pressed < prompt.opened"}, rest...), "callback.attempted < callback.made: 0", "callback.responded < callback.attempted: 204")
	}
	for name, tt := range map[string]struct {
		opts []paymentstest.Option
		do   func(b *bench)
		want [][]string
	}{
		"a field": {do: func(b *bench) {
			b.capture(code)
			b.since(0)
			b.must(b.call.Press("1"))
			b.since(0)
			b.must(b.call.Press("#"))
		}, want: [][]string{asked, digit, taken(
			"prompt.closed < key.pressed: security-code refused", "callback.made < key.pressed: updated", "session.changed < key.pressed: idle [security-code]")}},
		"silence": {do: func(b *bench) {
			b.capture(code)
			b.since(0)
			b.must(b.call.Press("1"))
			b.since(0)
			time.Sleep(5 * time.Second)
			synctest.Wait()
		}, want: [][]string{asked, digit, {
			"prompt.closed < key.pressed: security-code timeout", "callback.made < key.pressed: updated", "session.changed < key.pressed: idle [security-code]",
			"callback.attempted < callback.made: 0", "callback.responded < callback.attempted: 204"}}},
		"star": {do: func(b *bench) {
			b.capture(code)
			b.since(0)
			b.must(b.call.Star())
		}, want: [][]string{asked, taken(
			"prompt.closed < key.pressed: security-code star", "callback.made < key.pressed: completed caller-interrupted-with-star",
			"session.ended < key.pressed: ended [] caller-interrupted-with-star")}},
		"hanging up": {do: func(b *bench) {
			b.capture(code)
			b.since(0)
			b.call.HangUp()
		}, want: [][]string{asked, {"call.ended",
			"prompt.closed < call.ended: security-code hang-up", "callback.made < call.ended: completed caller-hung-up", "session.ended < call.ended: ended [] caller-hung-up",
			"callback.attempted < callback.made: 0", "callback.responded < callback.attempted: 204"}}},
		"a key while nothing is asked": {do: func(b *bench) { _ = b.call.Press("7") }, want: [][]string{{"key.pressed"}}},
		"a refusal": {do: func(b *bench) { _ = b.try(payments.UpdateParams{Status: payments.StatusComplete}) }, want: [][]string{{
			"request.received: complete", "response.sent < request.received: 400 code 64019"}}},
		"a request that fails": {do: func(b *bench) {
			b.srv.Inject(paymentstest.On(paymentstest.Capture, 1, paymentstest.Respond(503, "busy")))
			_ = b.try(payments.UpdateParams{Capture: code})
		}, want: [][]string{{"fault.armed: request", "request.received: capture", "fault.fired < request.received: request 503", "response.sent < request.received: 503 fault 503"}}},
		"a request without a response": {do: func(b *bench) {
			b.srv.Inject(paymentstest.On(paymentstest.Complete, 1, paymentstest.Reset().AfterCommit()))
			b.fill(code, "123")
			from := len(b.since(0))
			_ = b.try(payments.UpdateParams{Status: payments.StatusComplete})
			b.skip = from
		}, want: [][]string{{
			"request.received: complete", "fault.fired < request.received: request reset after commit", "session.changed < request.received: completing []", "gateway.asked < request.received: charge",
			"gateway.decided < gateway.asked: charge success", "callback.made < gateway.decided: completed success", "session.ended < gateway.decided: ended [] success",
			"response.sent < request.received: 0 fault reset after commit", "callback.attempted < callback.made: 0", "callback.responded < callback.attempted: 204"}}},
		"a callback that comes twice": {do: func(b *bench) {
			b.srv.Deliver(func(paymentstest.Callback) paymentstest.Delivery { return paymentstest.Twice() })
			b.must(b.try(payments.UpdateParams{Status: payments.StatusCancel}))
		}, want: [][]string{{"fault.armed: callback", "request.received: cancel", "callback.made < request.received: completed transaction-cancelled",
			"session.ended < request.received: ended [] transaction-cancelled", "fault.fired < callback.made: callback twice", "response.sent < request.received: 202",
			"callback.attempted < callback.made: 0", "callback.responded < callback.attempted: 204", "callback.attempted < callback.made: 0", "callback.responded < callback.attempted: 204"}}},
		"an application that fails": {do: func(b *bench) {
			b.mount(func(w http.ResponseWriter, _ *http.Request) {
				http.Error(w, "no database", http.StatusInternalServerError)
			})
			b.must(b.try(payments.UpdateParams{Status: payments.StatusCancel}))
		}, want: [][]string{{"request.received: cancel", "callback.made < request.received: completed transaction-cancelled",
			"session.ended < request.received: ended [] transaction-cancelled", "response.sent < request.received: 202",
			"callback.attempted < callback.made: 0", "callback.responded < callback.attempted: 500", "callback.given-up < callback.responded: 500"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, payments.CreateParams{ChargeAmount: "49.90", PostalCode: new(false)}, tt.opts...)
				b.mount(takes)
				b.fill(number, "4111 1111 1111 1111")
				b.fill(payments.CaptureExpirationDate, "1299")
				b.skip = len(b.since(0))
				tt.do(b)
				var want []string
				for _, part := range tt.want {
					want = append(want, part...)
				}
				all := b.since(0)
				if diff := cmp.Diff(want, story(all)[b.skip:]); diff != "" {
					t.Errorf("journal (-want +got):\n%s", diff)
				}
				for i, e := range all {
					if e.Number != int64(i+1) || e.Cause >= e.Number || e.Time.IsZero() {
						t.Errorf("entry %d is %v at %v", i+1, e, e.Time)
					}
				}
			})
		})
	}
}
