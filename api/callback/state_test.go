package callback_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/internal/paycode"
)

const (
	card = callback.Capture("payment-card-number")
	date = callback.Capture("expiration-date")
	code = callback.Capture("security-code")
)

// step is one event of a recorded session and what is known after it.
type step struct {
	form url.Values
	want known
}

func captures(c ...callback.Capture) []callback.Capture { return c }

// recorded is a typical session: a wrong card number, a security code that timed
// out, the card number asked for again after everything was captured, success.
func recorded() []step {
	partial := func(c callback.Capture, required string) url.Values {
		return session("Capture", string(c), "PartialResult", "true", "Required", required)
	}
	steps := []step{
		{session("PaymentConnector", "PGP_MOCK", "DateCreated", "2026-04-14T10:00:00.000Z"), known{}},
		{partial(card, "payment-card-number,expiration-date,security-code"), known{Missing: captures(card, date, code)}},
		{changed(partial(card, "payment-card-number,expiration-date,security-code"), "PaymentCardNumber", "xx"), known{Missing: captures(card, date, code)}},
		{session("Capture", string(card), "Required", "payment-card-number,expiration-date,security-code", "ErrorType", "invalid-card-number"),
			known{Missing: captures(card, date, code), Error: callback.ErrorTypeInvalidCardNumber, ErrorOf: card}},
		{partial(card, "payment-card-number,expiration-date,security-code"),
			known{Missing: captures(card, date, code), Error: callback.ErrorTypeInvalidCardNumber, ErrorOf: card}},
		{session("Capture", string(card), "PartialResult", "false", "Required", "expiration-date,security-code", "PaymentCardNumber", "xxxxxxxxxxxx1111"),
			known{Captured: captures(card), Missing: captures(date, code)}},
		{session("Capture", string(date), "Required", "SecurityCode"), known{Captured: captures(date, card), Missing: captures(code)}},
		{partial(code, "security-code"), known{Captured: captures(date, card), Missing: captures(code)}},
		{session("Capture", string(code), "Required", "security-code", "ErrorType", "input-timeout"),
			known{Captured: captures(date, card), Missing: captures(code), Error: callback.ErrorTypeInputTimeout, ErrorOf: code}},
		{session("Capture", string(code), "Required", ""), known{Captured: captures(date, card, code), CanComplete: true}},
		{partial(card, "payment-card-number"), known{Captured: captures(date, code), Missing: captures(card)}},
		{session("Capture", string(card), "Required", ""), known{Captured: captures(date, card, code), CanComplete: true}},
		{session("Result", "success", "PaymentCardNumber", "xxxxxxxxxxxx1111", "PaymentCardPostalCode", "94109"),
			known{Captured: captures(date, card, "postal-code", code), Completed: true, OK: true, Result: callback.ResultSuccess}},
	}
	at := time.Date(2026, 4, 14, 10, 0, 0, 0, time.UTC)
	for i, s := range steps[1:] {
		s.form.Set("DateUpdated", at.Add(time.Duration(i)*time.Second).Format("2006-01-02T15:04:05.000Z"))
	}
	return steps
}

func TestStateStepByStep(t *testing.T) {
	t.Parallel()
	var s callback.State
	for i, step := range recorded() {
		before := s
		had := know(before)
		if err := s.Apply(parse(t, step.form)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, know(s)); diff != "" {
			t.Errorf("step %d: %s", i, diff)
		}
		if diff := cmp.Diff(had, know(before)); diff != "" {
			t.Errorf("step %d changed a copy: %s", i, diff)
		}
	}
	if s.SessionSID() != sessionSID {
		t.Errorf("session %q, want %q", s.SessionSID(), sessionSID)
	}
}

// TestStateInAnyOrder: the events of a session, or of any part of it, give the same
// state in any order and with repetitions, even if the state is stored and read
// back in between.
func TestStateInAnyOrder(t *testing.T) {
	t.Parallel()
	steps := recorded()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, len(steps)).Draw(t, "steps")
		order := slices.Collect(func(yield func(int) bool) {
			for i := range n {
				yield(i)
			}
		})
		order = append(order, rapid.SliceOfN(rapid.IntRange(0, n-1), 0, 2*n).Draw(t, "again")...)
		order = rapid.Permutation(order).Draw(t, "order")
		var s callback.State
		for _, i := range order {
			apply(t, &s, steps[i].form)
			if rapid.Bool().Draw(t, "store") {
				s = stored(t, s)
			}
		}
		if diff := cmp.Diff(steps[n-1].want, know(s)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestStateOfArbitraryEventsInAnyOrder: the same holds for arbitrary combinations of
// events, with equal dates or none.
func TestStateOfArbitraryEventsInAnyOrder(t *testing.T) {
	t.Parallel()
	name := rapid.SampledFrom([]string{"", "payment-card-number", "SecurityCode", "expiration-date", "new-field"})
	parameter := func(t *rapid.T, f url.Values, key string, value *rapid.Generator[string]) {
		if rapid.Bool().Draw(t, key+" is present") {
			f.Set(key, value.Draw(t, key))
		}
	}
	event := rapid.Custom(func(t *rapid.T) url.Values {
		f := session()
		parameter(t, f, "Capture", name)
		parameter(t, f, "Required", rapid.Map(rapid.SliceOfN(name, 0, 3), func(s []string) string { return strings.Join(s, ",") }))
		parameter(t, f, "PartialResult", rapid.SampledFrom([]string{"true", "false", ""}))
		parameter(t, f, "ErrorType", rapid.SampledFrom([]string{"", "input-timeout", "invalid-date", "session-in-progress"}))
		parameter(t, f, "Result", rapid.SampledFrom([]string{"", "", "success", "caller-hung-up", "payment-connector-error"}))
		parameter(t, f, "PayErrorCode", rapid.SampledFrom([]string{"", "64008", "64002"}))
		parameter(t, f, "SecurityCode", rapid.SampledFrom([]string{"", "xxx"}))
		parameter(t, f, "DateUpdated", rapid.SampledFrom([]string{"", "2026-04-14T10:00:00Z", "2026-04-14T10:00:01Z", "2026-04-14T12:00:01+02:00"}))
		return f
	})
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(event, 1, 8).Draw(t, "events")
		again := rapid.SliceOfN(rapid.SampledFrom(events), 0, 8).Draw(t, "again")
		var one, other callback.State
		for _, f := range events {
			apply(t, &one, f)
		}
		for _, f := range rapid.Permutation(slices.Concat(events, again)).Draw(t, "order") {
			apply(t, &other, f)
		}
		if diff := cmp.Diff(know(one), know(other)); diff != "" {
			t.Error(diff)
		}
		if a, b := encoded(t, one), encoded(t, other); a != b {
			t.Errorf("stored states differ:\n%s\n%s", a, b)
		}
	})
}

// TestStateWithoutDates: without dates, a session moves forward.
func TestStateWithoutDates(t *testing.T) {
	t.Parallel()
	steps := recorded()[:10] // up to where the card number is asked for again
	for _, s := range steps {
		s.form.Del("DateUpdated")
	}
	for i := range steps {
		var s callback.State
		for _, step := range slices.Backward(steps[:i+1]) {
			apply(t, &s, step.form)
		}
		if diff := cmp.Diff(steps[i].want, know(s)); diff != "" {
			t.Errorf("up to step %d: %s", i, diff)
		}
	}
}

func TestStateEndings(t *testing.T) {
	t.Parallel()
	at := func(second int, pairs ...string) url.Values {
		return changed(session(pairs...), "DateUpdated", fmt.Sprintf("2026-04-14T10:00:%02dZ", second))
	}
	partial := at(59, "Capture", "security-code", "PartialResult", "true", "Required", "security-code")
	late := at(59, "Capture", "security-code", "ErrorType", "input-timeout", "Required", "security-code")
	tests := map[string]struct {
		events []url.Values
		want   known
	}{
		"a later partial keeps the success": {[]url.Values{at(1, "Result", "success"), partial},
			known{Captured: captures(code), Completed: true, OK: true, Result: "success"}},
		"a later error keeps the success": {[]url.Values{at(1, "Result", "success"), late},
			known{Captured: captures(code), Completed: true, OK: true, Result: "success"}},
		"a later failure keeps the success": {[]url.Values{at(1, "Result", "success"), at(2, "Result", "caller-hung-up")},
			known{Completed: true, OK: true, Result: "success"}},
		"the latest of failures": {[]url.Values{at(2, "Result", "payment-connector-error", "PayErrorCode", "64008"), at(1, "Result", "caller-hung-up")},
			known{Completed: true, Result: "payment-connector-error", Err: "payment failed: payment-connector-error, code 64008"}},
		"failures at one moment": {[]url.Values{at(1, "Result", "validation-error"), at(1, "Result", "caller-hung-up")},
			known{Completed: true, Result: "validation-error", Err: "payment failed: validation-error"}},
		"codes at one moment": {[]url.Values{at(1, "Result", "validation-error", "PayErrorCode", "64012"), at(1, "Result", "validation-error")},
			known{Completed: true, Result: "validation-error", Err: "payment failed: validation-error, code 64012"}},
		"one moment in two zones": {[]url.Values{
			session("Result", "caller-hung-up", "DateUpdated", "2026-04-14T10:00:00Z"), session("Result", "caller-hung-up", "DateUpdated", "2026-04-14T12:00:00+02:00"),
			session("Capture", "security-code", "Required", "", "DateUpdated", "2026-04-14T10:00:00Z"), session("Capture", "security-code", "Required", "", "DateUpdated", "2026-04-14T12:00:00+02:00")},
			known{Captured: captures(code), Completed: true, Result: "caller-hung-up", Err: "payment failed: caller-hung-up"}},
		"failure with fields missing": {[]url.Values{at(1, "Capture", "security-code", "Required", "expiration-date"), at(2, "Result", "caller-hung-up")},
			known{Captured: captures(code), Missing: captures(date), Completed: true, Result: "caller-hung-up", Err: "payment failed: caller-hung-up"}},
		"failure after all was captured": {[]url.Values{at(1, "Capture", "security-code", "Required", ""), at(2, "Result", "caller-hung-up")},
			known{Captured: captures(code), Completed: true, Result: "caller-hung-up", Err: "payment failed: caller-hung-up"}},
		"an error without a field, until the next update": {[]url.Values{at(1, "ErrorType", "session-in-progress"), at(2, "Capture", "security-code", "Required", "")},
			known{Captured: captures(code), CanComplete: true}},
		"an error without a field": {[]url.Values{at(1, "Capture", "security-code", "Required", ""), at(2, "ErrorType", "session-in-progress")},
			known{Captured: captures(code), Error: "session-in-progress"}},
		"an error without a field, and then success": {[]url.Values{at(1, "ErrorType", "session-in-progress"), at(2, "Result", "success")},
			known{Completed: true, OK: true, Result: "success"}},
		"an error without a field, then an entry starts": {[]url.Values{at(1, "ErrorType", "session-in-progress"), at(2, "Capture", "security-code", "PartialResult", "true")},
			known{}},
		"an update without Required": {[]url.Values{at(1, "Capture", "security-code", "PartialResult", "true", "Required", "security-code"),
			at(2, "Capture", "security-code", "PartialResult", "true", "SecurityCode", "x")},
			known{Missing: captures(code)}},
		"two errors": {[]url.Values{at(1, "Capture", "security-code", "ErrorType", "input-timeout", "Required", "security-code,expiration-date"),
			at(2, "Capture", "expiration-date", "ErrorType", "invalid-date", "Required", "security-code,expiration-date")},
			known{Missing: captures(code, date), Error: "invalid-date", ErrorOf: date}},
		"half a card number when the caller hung up": {[]url.Values{at(1, "Capture", "security-code", "Required", ""), at(2, "Result", "caller-hung-up", "PaymentCardNumber", "xx")},
			known{Captured: captures(code), Completed: true, Result: "caller-hung-up", Err: "payment failed: caller-hung-up"}},
		"an error for a captured field": {[]url.Values{at(1, "Capture", "security-code", "Required", ""), at(2, "Capture", "security-code", "ErrorType", "input-timeout")},
			known{Error: "input-timeout", ErrorOf: code}},
		"an error resolved by a later update": {[]url.Values{at(1, "Capture", "security-code", "ErrorType", "input-timeout", "Required", "security-code,expiration-date"), at(2, "Capture", "expiration-date", "Required", "")},
			known{Captured: captures(date, code), CanComplete: true}},
		"a finished entry without Required": {[]url.Values{at(1, "Capture", "expiration-date", "Required", "security-code"), at(2, "Capture", "security-code")},
			known{Captured: captures(date, code), CanComplete: true}},
		"only a finished entry, without Required": {[]url.Values{at(1, "Capture", "security-code")},
			known{Captured: captures(code), CanComplete: true}},
		"a refused entry without Required": {[]url.Values{at(1, "Capture", "expiration-date", "Required", "security-code"),
			at(2, "Capture", "security-code", "ErrorType", "input-timeout")},
			known{Captured: captures(date), Missing: captures(code), Error: "input-timeout", ErrorOf: code}},
		"the final update was lost": {[]url.Values{at(1, "Capture", "security-code", "PartialResult", "true", "Required", "security-code,expiration-date"),
			at(2, "Capture", "expiration-date", "PartialResult", "true", "Required", "expiration-date")},
			known{Captured: captures(code), Missing: captures(date)}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var forward, backward callback.State
			for _, f := range test.events {
				apply(t, &forward, f)
			}
			for _, f := range slices.Backward(test.events) {
				apply(t, &backward, f)
			}
			if a, b := encoded(t, forward), encoded(t, backward); a != b {
				t.Errorf("stored states differ:\n%s\n%s", a, b)
			}
			for _, s := range []callback.State{forward, backward, stored(t, forward)} {
				if diff := cmp.Diff(test.want, know(s)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestStateGivesCopies(t *testing.T) {
	t.Parallel()
	var s callback.State
	apply(t, &s, session("Capture", "security-code", "PartialResult", "true", "Required", "security-code,expiration-date"))
	s.Missing()[0] = "changed"
	if diff := cmp.Diff(captures(code, date), s.Missing()); diff != "" {
		t.Error(diff)
	}
}

func TestStateErrIsTheFailure(t *testing.T) {
	t.Parallel()
	var s callback.State
	apply(t, &s, session("Result", "payment-connector-error", "PayErrorCode", "64008", "PaymentError", "SECRET"))
	failure, ok := errors.AsType[*callback.PaymentError](s.Err())
	if !ok || failure.Code != 64008 || failure.SessionSID != sessionSID || !errors.Is(s.Err(), paycode.ErrDeclined) {
		t.Errorf("error %v, want paycode.ErrDeclined", s.Err())
	}
}

func TestStateRefusesOtherSessions(t *testing.T) {
	t.Parallel()
	var s callback.State
	if err := s.Apply(callback.Event{}); err != callback.ErrOtherSession {
		t.Errorf("the zero event: %v, want %v", err, callback.ErrOtherSession)
	}
	apply(t, &s, session("Capture", "security-code", "Required", ""))
	want := know(s)
	for _, f := range []url.Values{
		changed(charged(), "Sid", "PKffffffffffffffffffffffffffffffff"),
		changed(charged(), "AccountSid", "ACffffffffffffffffffffffffffffffff"),
	} {
		if err := s.Apply(parse(t, f)); err != callback.ErrOtherSession {
			t.Errorf("%v: error %v, want %v", f, err, callback.ErrOtherSession)
		}
	}
	if diff := cmp.Diff(want, know(s)); diff != "" {
		t.Error(diff)
	}
	apply(t, &s, changed(charged(), "AccountSid", "")) // not every payload has one
	if !s.Succeeded() {
		t.Error("an event without an account was not applied")
	}
}

// TestStateOfUnstorableDates: a date that JSON cannot represent counts as none.
func TestStateOfUnstorableDates(t *testing.T) {
	t.Parallel()
	for _, date := range []string{"0000-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"} {
		var s callback.State
		apply(t, &s, session("Capture", "security-code", "DateUpdated", date))
		apply(t, &s, session("Result", "success", "DateUpdated", date))
		if data, err := json.Marshal(s); err != nil || !stored(t, s).Succeeded() {
			t.Errorf("%s: stored as %s, %v", date, data, err)
		}
	}
}

func TestStateRefusesInvalidJSON(t *testing.T) {
	t.Parallel()
	for _, data := range []string{`[]`, `"x"`, `{"entries":3}`} {
		var s callback.State
		apply(t, &s, session())
		if json.Unmarshal([]byte(data), &s) == nil || s.SessionSID() != sessionSID {
			t.Errorf("%s was read", data)
		}
	}
	var s callback.State // another version may have stored this
	if err := json.Unmarshal([]byte(`{"session":"PK1","latest":{"at":{"stage":2}},"entries":{"":{"error":"e"}},"new":1}`), &s); err != nil {
		t.Fatal(err)
	}
	_ = know(s)
}
