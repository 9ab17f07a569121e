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

// application is one that goes wrong where a test says so.
type application struct {
	srv    *paymentstest.Server
	client *payments.Client
	t      *testing.T
}

// pay takes a payment on a call, as applications do, and returns how the last
// request went.
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

// TestApplications: what an application does wrong is found, although the file
// expects nothing in particular.
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
		"does well": {`{"expect": {"charges": ["5.00 USD visa"]}}`, ok, func(a application) { a.pay(callSID, charge) }, ""},
		"charges a call twice": {`{}`, ok, func(a application) {
			a.pay(callSID, charge)
			a.pay(callSID, charge)
		}, "charged once\n  call " + callSID + " was charged 2 times"},
		"is to charge a call twice": {`{"expect": {"charges": ["5.00", "5.00"]}}`, ok, func(a application) {
			a.pay(callSID, charge)
			a.pay(callSID, charge)
		}, ""},
		"refuses callbacks": {`{}`, http.NotFoundHandler(), func(a application) { a.pay(callSID, charge) },
			"callbacks taken\n  callback 1 (started): was answered 404"},
		"has no handler":  {`{}`, nil, func(a application) { a.pay(callSID, charge) }, "callbacks taken\n  callback 1 (started): "},
		"may refuse them": {`{"expect": {"allowUndelivered": true}}`, http.NotFoundHandler(), func(a application) { a.pay(callSID, charge) }, ""},
		"gets none":       {`{"faults": {"callbacks": [{"way": "never"}]}}`, http.NotFoundHandler(), func(a application) { a.pay(callSID, charge) }, ""},
		"breaks the contract": {`{}`, ok, func(a application) {
			resp, err := a.srv.Client().Do(badRequest(a))
			if err != nil {
				a.t.Fatal(err)
			}
			_ = resp.Body.Close()
		}, "valid requests\n  request 1: "},
		"does nothing":      {`{"expect": {"results": ["success"]}}`, ok, func(application) {}, "got  none"},
		"meets no fault":    {`{"faults": {"requests": [{"operation": "cancel", "fault": "reset"}]}}`, ok, func(a application) { a.pay(callSID, charge) }, "faults\n  no request of cancel met reset"},
		"meets no callback": {`{"faults": {"callbacks": [{"event": "failed", "way": "twice"}]}}`, ok, func(a application) { a.pay(callSID, charge) }, "faults\n  no callback of failed came twice"},
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

// badRequest is one that the contract refuses.
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

// TestCallers: what each answer of a caller comes to.
func TestCallers(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`"good"`: "captured payment-card-number", `"4111 1111-1111 1111"`: "captured payment-card-number", `"4111111111111111#"`: "captured payment-card-number",
		`"41#"`: "failed payment-card-number invalid-card-number", `"41*"`: "ended caller-interrupted-with-star", `"star"`: "ended caller-interrupted-with-star",
		`"hang-up"`: "ended caller-hung-up", `"unfinished"`: "failed payment-card-number input-timeout", `"expired"`: "", `"nothing"`: "nothing came in time",
		`"untested"`: "captured payment-card-number", `["too-short", "good"]`: "failed payment-card-number invalid-card-number",
	} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			sc, err := scenario.Parse("file", []byte(`{"caller": {"payment-card-number": `+answer+`}, "steps": ["create", "capture payment-card-number"]}`))
			if want == "" {
				if err == nil {
					t.Error("no error for a name that is no entry of the field")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			bubble(t, sc, func(t *testing.T, _ *paymentstest.Server, r *scenario.Report) {
				if got := r.Steps[1]; got != "capture payment-card-number: "+want {
					t.Errorf("step %q, want %q", got, want)
				}
			})
		})
	}
}

// TestStepsGoOtherwise: a step that is refused, or is not, against what is written
// fails the run.
func TestStepsGoOtherwise(t *testing.T) {
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
			bubble(t, sc, func(t *testing.T, _ *paymentstest.Server, r *scenario.Report) {
				if r.Took > 10*time.Second {
					t.Errorf("took %v: waits for what cannot come", r.Took)
				}
				if err := r.Err(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want %q", err, want)
				}
			})
		})
	}
}

// TestLostCreate: the session of a create whose response is lost is learned from
// the callback.
func TestLostCreate(t *testing.T) {
	t.Parallel()
	sc, err := scenario.Parse("file", []byte(`{"payment": {"ChargeAmount": "5"},
		"faults": {"requests": [{"operation": "create", "fault": "reset", "takesEffect": true, "times": 0}]},
		"expect": {"results": ["success"], "charges": ["5"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	bubble(t, sc, func(t *testing.T, _ *paymentstest.Server, r *scenario.Report) {
		if !r.Passed() || !strings.HasPrefix(r.Steps[0], "create: response lost; started") {
			t.Errorf("%s%v", r, r.Steps)
		}
	})
}

// TestRunsShareAServer: a scenario acts on its own call, and leaves the server as
// it was.
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
			t.Errorf("afterwards: %v %s", err, r)
		}
	})
}

// TestRunEndsWithItsContext: nothing goes on when the caller gives up, and what was
// not played to its end has not passed.
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
				t.Errorf("%s after %v: error %v, %v", file, time.Since(start), err, r)
			}
		})
	}
}

// TestPace: a key every pause, whether it is named or written. The # after the
// fourth digit is not pressed, and waited for. The time of the keys is added to the
// patience of whoever waits for them.
func TestPace(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]time.Duration{"good": 5, "1299": 5, "12#": 3, "nothing": 120, "star": 1, "too-short": 3} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			sc := parse(t, "file", object{"caller": object{"expiration-date": answer}, "steps": []string{"create", "capture expiration-date"}, "patience": "100s", "payment": object{"Timeout": 10}})
			bubble(t, sc.WithPace(time.Second), func(t *testing.T, _ *paymentstest.Server, r *scenario.Report) {
				if r.Took != want*time.Second {
					t.Errorf("took %v, want %v", r.Took, want*time.Second)
				}
			})
		})
	}
}

// TestTheAgentGivesUp: after three tries for a field, and for want of any.
func TestTheAgentGivesUp(t *testing.T) {
	t.Parallel()
	for answer, steps := range map[string]int{"too-short": 6, "nothing": 4} {
		sc := parse(t, "file", object{"caller": object{"expiration-date": answer}, "expect": object{"results": []string{"transaction-cancelled"}}})
		bubble(t, sc, func(t *testing.T, _ *paymentstest.Server, r *scenario.Report) {
			if !r.Passed() || len(r.Steps) != steps || r.Steps[steps-1] != "cancel: ended transaction-cancelled" {
				t.Errorf("%s: %s%s", answer, r, strings.Join(r.Steps, "\n"))
			}
		})
	}
}
