package scenario_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/scenario"
)

const statusURL = "https://pay.example.com/status"

// application takes payments; tests make it misbehave.
type application struct {
	srv    *paymentstest.Server
	client *payments.Client
	t      *testing.T
}

// pay takes a payment on a call.
func (a application) pay(call string, p payments.CreateParams) {
	a.t.Helper()
	p.StatusCallback = statusURL
	s, err := a.client.Create(a.t.Context(), call, p)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, u := range []payments.UpdateParams{
		{Capture: payments.CapturePaymentCardNumber}, {Capture: payments.CaptureExpirationDate}, {Capture: payments.CaptureSecurityCode},
		{Status: payments.StatusComplete},
	} {
		u.StatusCallback = statusURL
		if _, err := a.client.Update(a.t.Context(), call, s.SID, u); err != nil {
			a.t.Fatal(err)
		}
		if err := a.srv.Wait(a.t.Context()); err != nil {
			a.t.Fatal(err)
		}
	}
}

// TestApplications: Check finds the mistakes of an application even if the file
// has no expectations.
func TestApplications(t *testing.T) {
	t.Parallel()
	const callSID = "CA00000000000000000000000000000001"
	charge := payments.CreateParams{ChargeAmount: "5.00", PostalCode: new(false)}
	ok := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for name, tt := range map[string]struct {
		file    string
		handler http.Handler
		act     func(application)
		want    string // in the error; empty for none
	}{
		"charges once": {`{"expect": {"charges": ["5.00 USD visa"]}}`, ok, func(a application) { a.pay(callSID, charge) }, ""},
		"charges a call twice": {`{}`, ok, func(a application) {
			a.pay(callSID, charge)
			a.pay(callSID, charge)
		}, "charged once\n  call " + callSID + " was charged 2 times"},
		"charges a call twice as expected": {`{"expect": {"charges": ["5.00", "5.00"]}}`, ok, func(a application) {
			a.pay(callSID, charge)
			a.pay(callSID, charge)
		}, ""},
		"refuses callbacks": {`{}`, http.NotFoundHandler(), func(a application) { a.pay(callSID, charge) },
			"callbacks accepted\n  callback 1 (started): got status 404"},
		"has no handler":       {`{}`, nil, func(a application) { a.pay(callSID, charge) }, "callbacks accepted\n  callback 1 (started): "},
		"may refuse callbacks": {`{"expect": {"allowUndelivered": true}}`, http.NotFoundHandler(), func(a application) { a.pay(callSID, charge) }, ""},
		"gets no callback":     {`{"faults": {"callbacks": [{"way": "never"}]}}`, http.NotFoundHandler(), func(a application) { a.pay(callSID, charge) }, ""},
		"breaks the contract": {`{}`, ok, func(a application) {
			resp, err := a.srv.Client().Do(badRequest(a))
			if err != nil {
				a.t.Fatal(err)
			}
			_ = resp.Body.Close()
		}, "valid requests\n  request 1: "},
		"does nothing":      {`{"expect": {"results": ["success"]}}`, ok, func(application) {}, "got  none"},
		"meets no fault":    {`{"faults": {"requests": [{"operation": "cancel", "fault": "reset"}]}}`, ok, func(a application) { a.pay(callSID, charge) }, "faults\n  reset did not fire on any request of cancel"},
		"meets no callback": {`{"faults": {"callbacks": [{"event": "failed", "way": "twice"}]}}`, ok, func(a application) { a.pay(callSID, charge) }, "faults\n  no callback of failed was delivered twice"},
		"leaves it open": {`{"expect": {"results": ["open"], "events": ["started"]}}`, ok, func(a application) {
			if _, err := a.client.Create(a.t.Context(), callSID, payments.CreateParams{StatusCallback: statusURL}); err != nil {
				a.t.Fatal(err)
			}
		}, ""},
		"is declined, on each call": {`{"gateway": [{"verdict": "decline", "code": 64008}], "expect": {"results": ["payment-connector-error 64008", "payment-connector-error 64008", "success"]}}`, ok, func(a application) {
			a.pay(callSID, charge)
			a.pay("CA00000000000000000000000000000002", charge)
			a.pay("CA00000000000000000000000000000002", charge)
		}, ""},
		"meets every fault": {`{"faults": {"requests": [
			{"operation": "create", "fault": "too-many-requests", "retryAfter": "1"}, {"operation": "create", "nth": 2, "fault": "unavailable", "retryAfter": "1"},
			{"operation": "create", "nth": 3, "fault": "unavailable"},
			{"operation": "capture", "fault": "server-error", "takesEffect": true}, {"operation": "capture", "nth": 3, "fault": "half-body"},
			{"operation": "capture", "nth": 5, "fault": "never-answer", "delay": "1s", "times": 1}, {"operation": "complete", "fault": "slow", "delay": "3s", "times": 0}
		]}, "expect": {"results": ["success"], "requests": {"create": 4}}}`, ok, func(a application) {
			start := time.Now()
			a.pay(callSID, charge)
			if took := time.Since(start); took < 20*time.Second {
				a.t.Errorf("took %v, less than the waits and the delays", took)
			}
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sc, err := scenario.Parse("file", []byte(tt.file))
				if err != nil {
					t.Fatal(err)
				}
				srv := paymentstest.NewServer(t, append(sc.Options(), paymentstest.InMemory(), paymentstest.AllowInvalidRequests())...)
				if tt.handler != nil {
					if err := srv.Handle("https://pay.example.com/", tt.handler); err != nil {
						t.Fatal(err)
					}
				}
				client, err := payments.NewClient(srv.ClientOptions()...)
				if err != nil {
					t.Fatal(err)
				}
				tt.act(application{srv, client, t})
				r, err := sc.Check(t.Context(), srv)
				if err != nil {
					t.Fatal(err)
				}
				if got := r.Err(); (got == nil) != (tt.want == "") || got != nil && !strings.Contains(got.Error(), tt.want) {
					t.Errorf("error %v, want %q", got, tt.want)
				}
			})
		})
	}
}

// badRequest returns a request that violates the contract.
func badRequest(a application) *http.Request {
	r, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost,
		a.srv.URL+"/2010-04-01/Accounts/"+a.srv.AccountSID()+"/Calls/CA00000000000000000000000000000001/Payments.json", strings.NewReader("Amount=1"))
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(a.srv.AccountSID(), a.srv.AuthToken())
	return r
}

// TestCallerActions: the effect of each action of a caller.
func TestCallerActions(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]string{
		`"good"`: "captured payment-card-number", `"4111 1111-1111 1111"`: "captured payment-card-number", `"4111111111111111#"`: "captured payment-card-number",
		`"41#"`: "failed payment-card-number invalid-card-number", `"41*"`: "ended caller-interrupted-with-star", `"star"`: "ended caller-interrupted-with-star",
		`"hang-up"`: "ended caller-hung-up", `"unfinished"`: "failed payment-card-number input-timeout", `"expired"`: "", `"nothing"`: "no callback in time",
		`"untested"`: "captured payment-card-number", `["too-short", "good"]`: "failed payment-card-number invalid-card-number",
	} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			sc, err := scenario.Parse("file", []byte(`{"caller": {"payment-card-number": `+action+`}, "steps": ["create", "capture payment-card-number"]}`))
			if want == "" {
				if err == nil {
					t.Error("no error for a name that is not an entry of the field")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			play(t, sc, func(t *testing.T, _ *paymentstest.Server, r *scenario.Report) {
				if got := r.Steps[1]; got != "capture payment-card-number: "+want {
					t.Errorf("step %q, want %q", got, want)
				}
			})
		})
	}
}

// TestUnexpectedSteps: a run fails if a step is refused unexpectedly, or is not
// refused as expected.
func TestUnexpectedSteps(t *testing.T) {
	t.Parallel()
	for steps, want := range map[string]string{
		`["create", "complete"]`:                                         "complete was refused with 64019: ",
		`["create", "complete refused 64020"]`:                           "complete refused 64020 was refused with 64019: ",
		`["create refused 64021"]`:                                       "create refused 64021 was not refused",
		`["create", "capture payment-card-number", "hang-up", "create"]`: "create was refused with 21220: ",
		`["complete"]`: "complete payments: complete: Sid must be PK",
		`["star"]`:     "star paymentstest: key pressed while no capture is in progress",
		`["create", "wait 5s", "star", "create", "wait 1s", "cancel", "create"]`:      "",
		`["create", "hang-up", "hang-up", "create refused 21220"]`:                    "",
		`["create", "capture payment-card-number", "cancel", "cancel refused 20404"]`: "",
	} {
		t.Run(steps, func(t *testing.T) {
			t.Parallel()
			sc, err := scenario.Parse("file", []byte(`{"steps": `+steps+`}`))
			if err != nil {
				t.Fatal(err)
			}
			play(t, sc, func(t *testing.T, _ *paymentstest.Server, r *scenario.Report) {
				if r.Took > 10*time.Second {
					t.Errorf("took %v: waits for a callback that cannot arrive", r.Took)
				}
				if err := r.Err(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want %q", err, want)
				}
			})
		})
	}
}

// TestLostCreate: if the response to create is lost, the player takes the session
// from the callback.
func TestLostCreate(t *testing.T) {
	t.Parallel()
	sc, err := scenario.Parse("file", []byte(`{"payment": {"ChargeAmount": "5"},
		"faults": {"requests": [{"operation": "create", "fault": "reset", "takesEffect": true, "times": 0}]},
		"expect": {"results": ["success"], "charges": ["5"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	play(t, sc, func(t *testing.T, _ *paymentstest.Server, r *scenario.Report) {
		if !r.Passed() || !strings.HasPrefix(r.Steps[0], "create: response lost; started") {
			t.Errorf("%s%v, want a first step that lost its response, and a pass", r, r.Steps)
		}
	})
}

// TestRunsShareAServer: a scenario affects its own call only and leaves the server
// unchanged.
func TestRunsShareAServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := paymentstest.NewServer(t, paymentstest.InMemory())
		errs := make(chan error)
		all := scenario.Shipped()
		for _, sc := range all {
			go func() {
				r, err := sc.Run(t.Context(), srv)
				if err == nil {
					err = r.Err()
				}
				errs <- err
			}()
		}
		for range all {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		sc, err := scenario.Find("happy-path")
		if err != nil {
			t.Fatal(err)
		}
		if r, err := sc.Run(t.Context(), srv); err != nil || !r.Passed() {
			t.Errorf("afterwards: %v %s, want Passed", err, r)
		}
	})
}

// TestRunEndsWithItsContext: Run stops when ctx is done, and an incomplete run does
// not pass.
func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for _, file := range []string{
		`{"steps": ["create", "wait 1h", "cancel"]}`,
		`{"steps": ["create", "wait 1h", "cancel"], "faults": {"callbacks": [{"way": "late", "delay": "1h"}]}}`,
		`{"caller": {"payment-card-number": "nothing"}, "patience": "1h"}`,
		`{"faults": {"requests": [{"fault": "slow", "delay": "1h"}]}}`,
	} {
		sc, err := scenario.Parse("file", []byte(file))
		if err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			srv := paymentstest.NewServer(t, paymentstest.InMemory())
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			start := time.Now()
			if r, err := sc.Run(ctx, srv); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 10*time.Second {
				t.Errorf("%s after %v: error %v (want context.DeadlineExceeded), %v", file, time.Since(start), err, r)
			}
		})
	}
}

// TestPace: the caller waits before every key, whether an entry is named or given as
// digits. The # after the fourth digit is waited for but not pressed. The agent adds
// the time of the keys to its patience.
func TestPace(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]time.Duration{"good": 5, "1299": 5, "12#": 3, "nothing": 120, "star": 1, "too-short": 3} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			sc := parse(t, "file", object{"caller": object{"expiration-date": action}, "steps": []string{"create", "capture expiration-date"}, "patience": "100s", "payment": object{"Timeout": 10}})
			play(t, sc.WithPace(time.Second), func(t *testing.T, _ *paymentstest.Server, r *scenario.Report) {
				if r.Took != want*time.Second {
					t.Errorf("took %v, want %v", r.Took, want*time.Second)
				}
			})
		})
	}
}

// TestAgentCancels: the agent cancels after three failed entries of a field, or
// without any entry.
func TestAgentCancels(t *testing.T) {
	t.Parallel()
	for action, steps := range map[string]int{"too-short": 6, "nothing": 4} {
		sc := parse(t, "file", object{"caller": object{"expiration-date": action}, "expect": object{"results": []string{"transaction-cancelled"}}})
		play(t, sc, func(t *testing.T, _ *paymentstest.Server, r *scenario.Report) {
			if !r.Passed() || len(r.Steps) != steps || r.Steps[steps-1] != "cancel: ended transaction-cancelled" {
				t.Errorf("%s: %s%s\nwant a last step cancel, and a pass", action, r, strings.Join(r.Steps, "\n"))
			}
		})
	}
}
