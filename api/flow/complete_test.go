package flow_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

func TestAPaymentThatFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		verdict paymentstest.Verdict
		want    error
		result  callback.Result
		code    int
	}{
		"declined":          {paymentstest.Decline(payments.CodeChargeRejected, "insufficient_funds"), payments.ErrDeclined, callback.ResultPaymentConnectorError, 64008},
		"gateway is down":   {paymentstest.Decline(payments.CodeServiceUnavailable, ""), payments.ErrServer, callback.ResultPaymentConnectorError, 64002},
		"validation failed": {paymentstest.Verdict{Result: callback.ResultValidationError}, nil, callback.ResultValidationError, 0},
		"a new result":      {paymentstest.Verdict{Result: "gateway-on-fire", Code: payments.CodeServiceUnavailable}, payments.ErrServer, "gateway-on-fire", 64002},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t)
				f := d.start(noPostalCode)
				d.capture(f)
				d.srv.DeclineNext(c.verdict)
				result, err := f.Complete(t.Context())
				ended, ok := errors.AsType[*flow.EndedError](err)
				if result != nil || !ok || ended.Result != c.result || ended.Code != c.code || c.want != nil && !errors.Is(err, c.want) {
					t.Fatalf("complete: %v, %v", result, err)
				}
				payment, ok := errors.AsType[*callback.PaymentError](err)
				if !ok || payment.ConnectorError() != c.verdict.ConnectorError {
					t.Errorf("the gateway's text is not in %v", err)
				}
				if errors.Is(err, flow.ErrSucceeded) || errors.Is(err, flow.ErrCancelled) || errors.Is(err, flow.ErrOutcomeUnknown) {
					t.Errorf("%v matches other errors, too", err)
				}
				d.start(noPostalCode) // the call is free for another session
			})
		})
	}
}

// TestCompleteCanFollowARefusal: a complete that Twilio refused may be sent
// again.
func TestCompleteCanFollowARefusal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		d.capture(f, payments.CapturePaymentCardNumber)
		if _, err := f.Complete(t.Context()); !errors.Is(err, payments.ErrIncomplete) {
			t.Fatalf("complete: %v, want ErrIncomplete", err)
		}
		g := d.resume(f)
		if g.State().Completing {
			t.Error("on another machine the session is completing")
		}
		d.capture(g, payments.CaptureExpirationDate, payments.CaptureSecurityCode)
		_, err := g.Complete(t.Context())
		must(t, err)
		if d.requests(paymentstest.Complete) != 2 || len(d.srv.Charges()) != 1 {
			t.Errorf("%d requests, want 2; %d charges, want 1", d.requests(paymentstest.Complete), len(d.srv.Charges()))
		}
	})
}

// TestCompleteIsNotSentAgain loses the response in several ways, with a client
// that would retry: complete is sent once, and the callback reports the
// outcome.
func TestCompleteIsNotSentAgain(t *testing.T) {
	t.Parallel()
	for name, fault := range lost {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t)
				d.client = newClient(t, d.srv, payments.WithRetryComplete(), payments.WithMaxRetries(5))
				f := d.start(noPostalCode)
				d.capture(f)
				d.srv.Inject(paymentstest.On(paymentstest.Complete, 1, fault))
				result, err := f.Complete(t.Context())
				must(t, err)
				charges := d.srv.Charges()
				if len(charges) != 1 || result.ConfirmationCode.Reveal() != charges[0].ConfirmationCode || d.requests(paymentstest.Complete) != 1 {
					t.Errorf("%d charges, want 1; %d requests, want 1", len(charges), d.requests(paymentstest.Complete))
				}
			})
		})
	}
}

// TestACompleteThatNeverHappened leaves the outcome unknown: nothing is sent
// again, here or elsewhere, until the session is cancelled.
func TestACompleteThatNeverHappened(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode, flow.WithPatience(4*time.Second))
		d.capture(f)
		d.srv.Inject(paymentstest.On(paymentstest.Complete, 0, paymentstest.Reset()))
		elsewhere := d.resume(f, flow.WithPatience(4*time.Second))
		for _, g := range []*flow.Flow{f, f, elsewhere} {
			began := time.Now()
			_, err := g.Complete(t.Context())
			if !errors.Is(err, flow.ErrOutcomeUnknown) || time.Since(began) != 4*time.Second {
				t.Errorf("complete after %s: %v, want ErrOutcomeUnknown after 4 s", time.Since(began), err)
			}
			if _, err := g.Capture(t.Context(), payments.CaptureSecurityCode); !errors.Is(err, flow.ErrCompleting) {
				t.Errorf("capture: %v, want ErrCompleting", err)
			}
			if s := g.State(); !s.Completing || s.Ended != nil {
				t.Errorf("state %+v, want Completing, no Ended", s)
			}
		}
		if n := d.requests(paymentstest.Complete); n != 1 {
			t.Errorf("%d requests, want 1", n)
		}
		must(t, elsewhere.Cancel(t.Context()))
		if _, err := f.Complete(t.Context()); !errors.Is(err, flow.ErrCancelled) {
			t.Errorf("complete after cancel: %v, want flow.ErrCancelled", err)
		}
	})
}

// TestALateResultOfComplete is returned by a later Complete.
func TestALateResultOfComplete(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		d.capture(f)
		d.srv.Deliver(func(paymentstest.Callback) paymentstest.Delivery { return paymentstest.Late(time.Minute) })
		began := time.Now()
		_, err := f.Complete(within(t, 10*time.Second))
		if !errors.Is(err, flow.ErrOutcomeUnknown) || !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 10*time.Second {
			t.Fatalf("complete after %s: %v, want the context's end", time.Since(began), err)
		}
		elsewhere := d.resume(f, flow.WithPatience(time.Hour))
		for _, g := range []*flow.Flow{elsewhere, f} {
			_, err = g.Complete(t.Context())
			must(t, err)
		}
		if time.Since(began) != time.Minute || d.requests(paymentstest.Complete) != 1 {
			t.Errorf("after %s (want %s), %d requests, want 1", time.Since(began), time.Minute, d.requests(paymentstest.Complete))
		}
	})
}

// TestCompleteIsSentAgainWhenTwilioDidNotAct covers what is certain not to have
// been processed: too many requests, and no connection.
func TestCompleteIsSentAgainWhenTwilioDidNotAct(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		d.capture(f)
		failures := 3
		d.srv.Inject(func(a paymentstest.Attempt) paymentstest.Fault {
			if failures--; failures >= 0 {
				return paymentstest.TooManyRequests("")
			}
			return paymentstest.Fault{}
		})
		_, err := f.Complete(t.Context())
		must(t, err)
		keys := make(map[string]bool)
		for _, r := range d.srv.Requests() {
			if r.Operation == paymentstest.Complete {
				keys[r.IdempotencyKey] = true
			}
		}
		if d.requests(paymentstest.Complete) != 4 || len(keys) != 1 || len(d.srv.Charges()) != 1 {
			t.Errorf("%d requests with %d keys, %d charges, want 4, 1, 1", d.requests(paymentstest.Complete), len(keys), len(d.srv.Charges()))
		}
	})
}

func TestCompleteGivesUpWhenTwilioNeverActs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		d.capture(f)
		d.srv.Inject(paymentstest.On(paymentstest.Complete, 0, paymentstest.TooManyRequests("")))
		if _, err := f.Complete(t.Context()); !errors.Is(err, payments.ErrRateLimited) || errors.Is(err, flow.ErrOutcomeUnknown) {
			t.Errorf("complete: %v, want ErrRateLimited", err)
		}
		if n := d.requests(paymentstest.Complete); n != 4 {
			t.Errorf("%d requests, want 4", n)
		}
		d.srv.Inject()
		_, err := f.Complete(t.Context())
		must(t, err)
	})
}

// TestCompleteWithoutABus sends nothing: without a claim on the bus no complete
// may be sent.
func TestCompleteWithoutABus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		memory := newMemory(t)
		spy := newSpyBus(memory)
		d := newDeskOn(t, spy)
		f := d.start(noPostalCode)
		d.capture(f)
		spy.failOn(errDown, "swapped") // the claim is written but its response lost, every time
		_, err := f.Complete(t.Context())
		if errors.Is(err, errDown) || d.requests(paymentstest.Complete) != 1 {
			t.Errorf("complete over a bus that loses responses: %v, %d requests, want 1", err, d.requests(paymentstest.Complete))
		}
		spy = newSpyBus(newMemory(t))
		second := newDeskOn(t, spy)
		g := second.start(noPostalCode)
		second.capture(g)
		spy.failOn(errDown)
		if _, err := g.Complete(t.Context()); !errors.Is(err, errDown) || second.requests(paymentstest.Complete) != 0 {
			t.Errorf("complete over a bus that is down: %v, %d requests, want none", err, second.requests(paymentstest.Complete))
		}
		spy.failWith(nil)
		_, err = g.Complete(t.Context())
		must(t, err)
	})
}

// TestAClaimThatCannotBeReleased keeps other flows from completing, but not the
// flow that knows that nothing was done.
func TestAClaimThatCannotBeReleased(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fails   []string           // what fails on the bus
		fault   paymentstest.Fault // of complete
		reaches int                // requests that arrive
	}{
		"after a refusal":         {[]string{"swap"}, paymentstest.Refuse(http.StatusBadRequest, payments.CodeInvalidParameterValue, "no"), 1},
		"before anything is sent": {[]string{"swapped", "load"}, paymentstest.Fault{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d, spy := newSpyDesk(t)
				f := d.start(noPostalCode)
				d.capture(f)
				claimed := false
				spy.failWith(func(method string) error {
					if claimed = claimed || method == "swapped"; claimed && slices.Contains(c.fails, method) {
						return errDown
					}
					return nil
				})
				d.srv.Inject(paymentstest.On(paymentstest.Complete, 0, c.fault))
				if _, err := f.Complete(t.Context()); err == nil || errors.Is(err, flow.ErrOutcomeUnknown) || d.requests(paymentstest.Complete) != c.reaches {
					t.Fatalf("complete: %v, %d requests, want %d", err, d.requests(paymentstest.Complete), c.reaches)
				}
				synctest.Wait() // withdrawing the claim in the background fails
				spy.failWith(nil)
				d.srv.Inject()
				elsewhere := d.resume(f, flow.WithTakeOver(), flow.WithPatience(time.Second))
				if _, err := elsewhere.Complete(t.Context()); !errors.Is(err, flow.ErrOutcomeUnknown) || d.requests(paymentstest.Complete) != c.reaches {
					t.Errorf("complete elsewhere: %v, %d requests, want ErrOutcomeUnknown and no more", err, d.requests(paymentstest.Complete))
				}
				_, err := f.Complete(t.Context())
				must(t, err)
			})
		})
	}
}

// TestAnErrorThatIsNotTheClients leaves open what Twilio did.
func TestAnErrorThatIsNotTheClients(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		first := d.start(noPostalCode)
		d.capture(first)
		s := first.Session()
		client := &scriptedClient{update: func(p payments.UpdateParams) (*payments.Session, error) {
			_, err := d.client.Update(t.Context(), s.CallSID, s.SID, p)
			must(t, err)
			return nil, errors.New("unknown failure")
		}}
		_, err := d.resumeWith(client, d.bus, s).Complete(t.Context())
		must(t, err)
	})
}

// TestConfirmation waits for the caller to press 1.
func TestConfirmation(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]error{"1": nil, "2": flow.ErrCancelled} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t, paymentstest.WithCaller(func(c *paymentstest.Call, p paymentstest.Prompt) {
				if p.Confirm {
					time.Sleep(time.Hour)
					_ = c.Press(key)
					return
				}
				paymentstest.VisaCaller()(c, p)
			}))
			p := noPostalCode
			p.Confirmation = payments.ConfirmationTrue
			f := d.start(p)
			d.capture(f)
			if _, err := f.Complete(t.Context()); !errors.Is(err, want) {
				t.Errorf("complete: %v, want %v", err, want)
			}
		})
	}
}

// TestErrorsHaveNoSecrets: Twilio repeats the callback's URL in its message.
func TestErrorsHaveNoSecrets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(silent))
		f := d.start(noPostalCode)
		before, after, _ := strings.Cut(d.srv.Requests()[0].Form.Get("StatusCallback"), ".0.")
		for step, do := range []func(*flow.Flow) error{steps(t.Context())["capture"], steps(t.Context())["complete"], steps(t.Context())["cancel"]} {
			repeated := fmt.Sprintf(`{"code":64020,"message":"not taken: %s.%d.%s"}`, before, step+1, after)
			d.srv.Inject(paymentstest.On(paymentstest.Any, 0, paymentstest.Respond(http.StatusBadRequest, repeated)))
			err := do(f)
			if err == nil || strings.Contains(err.Error(), "shop=7") || !strings.Contains(err.Error(), "not taken") {
				t.Errorf("step %d: %v", step, err)
			}
		}
	})
}
