package scenario_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/scenario"
)

// TestEventWildcards: an asterisk matches any number of events, or any word.
func TestEventWildcards(t *testing.T) {
	t.Parallel()
	played := parse(t, "file", object{"steps": []string{"create", "capture payment-card-number", "capture expiration-date", "capture expiration-date", "cancel"},
		"caller": object{"expiration-date": []string{"no-month", "good"}}})
	play(t, played, func(t *testing.T, srv *paymentstest.Server, _ *scenario.Report) {
		for want, passes := range map[string]bool{
			"*":                                      true,
			"started *":                              true,
			"* ended":                                true,
			"* started * ended *":                    true,
			"* * *":                                  true,
			"started captured * captured ended":      true,
			"* captured captured *":                  false,
			"* failed captured *":                    true,
			"* failed * failed *":                    false,
			"started":                                false,
			"captured *":                             false,
			"* captured":                             false,
			"started * started":                      false,
			"* longer":                               false,
			"started captured failed captured ended": true,
			"started captured failed captured * ended": true,
			"started captured failed captured":         false,
		} {
			events := strings.Fields(strings.Replace(want, "longer", "ended/transaction-cancelled/64001", 1))
			for i := range events {
				events[i] = strings.ReplaceAll(events[i], "/", " ")
			}
			sc := parse(t, "file", object{"expect": object{"events": events}})
			if r, err := sc.Check(t.Context(), srv); err != nil || r.Passed() != passes {
				t.Errorf("%s: %v %s\nwant passed %v", want, err, r, passes)
			}
		}
		sc := parse(t, "file", object{"expect": object{"events": []string{"started", "captured * ", "failed * invalid-date", "captured expiration-date", "ended *"}, "results": []string{"*"}}})
		if r, err := sc.Check(t.Context(), srv); err != nil || !r.Passed() {
			t.Errorf("%v %s\nwant a pass", err, r)
		}
	})
}

// TestCheckWithDeadline: when ctx is done, Check reports what has happened so far.
func TestCheckWithDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sc := parse(t, "file", object{"faults": object{"callbacks": []any{object{"way": "late", "delay": "1m"}}}, "expect": object{"results": []string{"open"}}})
		srv := paymentstest.NewServer(t, append(sc.Options(), paymentstest.InMemory())...)
		client, err := payments.NewClient(srv.ClientOptions()...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Create(t.Context(), srv.NewCall().SID, payments.CreateParams{StatusCallback: statusURL}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r, err := sc.Check(ctx, srv)
		if !errors.Is(err, context.DeadlineExceeded) || r == nil || r.Checks[0].Name != "results" || !r.Checks[0].Passed {
			t.Errorf("%v (want context.DeadlineExceeded) %s", err, r)
		}
	})
}
