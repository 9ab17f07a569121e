package flow_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

func TestARefusedEntrySaysWhetherToAskAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		field payments.Capture
		keys  string
		want  callback.ErrorType
	}{
		"a wrong number": {payments.CapturePaymentCardNumber, "4111 1111 1111 1112", callback.ErrorTypeInvalidCardNumber},
		"another brand":  {payments.CapturePaymentCardNumber, "6011 1111 1111 1117", callback.ErrorTypeInvalidCardType},
		"no such month":  {payments.CaptureExpirationDate, "1399", callback.ErrorTypeInvalidDate},
		"the code first": {payments.CaptureSecurityCode, "123", callback.ErrorTypeInvalidCardNumberSecurityCodeCaptureSequence},
		"too slow":       {payments.CapturePaymentCardNumber, "4111", callback.ErrorTypeInputTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t, paymentstest.WithCaller(func(call *paymentstest.Call, p paymentstest.Prompt) {
					if c.want == callback.ErrorTypeInputTimeout {
						_ = call.Press(c.keys) // and no more
					} else if p.Times == 1 {
						_ = call.Enter(c.keys)
					}
				}))
				f := d.start(noPostalCode)
				_, err := f.Capture(t.Context(), c.field)
				entry, ok := errors.AsType[*flow.EntryError](err)
				if !ok || entry.Type != c.want || !entry.Again || entry.Capture != c.field || entry.SID != f.Session().SID {
					t.Fatalf("capture: %v, want %s to be asked again", err, c.want)
				}
				d.call.AnswerWith(paymentstest.VisaCaller())
				d.capture(f)
				_, err = f.Complete(t.Context())
				must(t, err)
			})
		})
	}
}

// TestAnErrorThatIsNotTheCallersIsNotAskedAgain: asking again cannot correct
// these errors.
func TestAnErrorThatIsNotTheCallersIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{"internal-error", "something-new"} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t, paymentstest.WithCaller(silent))
			f := d.start(noPostalCode)
			go d.postCallback(f, form{"Capture": "payment-card-number", "ErrorType": wrong})
			_, err := f.Capture(t.Context(), payments.CapturePaymentCardNumber)
			if entry, ok := errors.AsType[*flow.EntryError](err); !ok || entry.Again || string(entry.Type) != wrong {
				t.Errorf("capture: %v, want %s, not to be asked again", err, wrong)
			}
		})
	}
}

// TestTheCallerEndsTheSession ends the waiting step, and all later ones.
func TestTheCallerEndsTheSession(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end  func(*paymentstest.Call)
		opts []paymentstest.Option
		want error
	}{
		"star":                   {func(c *paymentstest.Call) { _ = c.Star() }, nil, flow.ErrStar},
		"hang-up":                {func(c *paymentstest.Call) { c.HangUp() }, nil, flow.ErrHungUp},
		"star, to the first URL": {func(c *paymentstest.Call) { _ = c.Star() }, []paymentstest.Option{paymentstest.WithAssumptions(paymentstest.Assumptions{EndToCreateURL: true})}, flow.ErrStar},
		"hang-up, sent twice":    {func(c *paymentstest.Call) { c.HangUp() }, nil, flow.ErrHungUp},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t, append(c.opts, paymentstest.WithCaller(silent))...)
				d.srv.Deliver(func(paymentstest.Callback) paymentstest.Delivery { return paymentstest.Twice() })
				f := d.start(noPostalCode)
				elsewhere := d.resume(f)
				go func() {
					_ = d.call.Await(t.Context(), payments.CapturePaymentCardNumber)
					time.Sleep(3 * time.Second)
					c.end(d.call)
				}()
				began := time.Now()
				_, err := f.Capture(t.Context(), payments.CapturePaymentCardNumber)
				ended, ok := errors.AsType[*flow.EndedError](err)
				if !errors.Is(err, c.want) || !ok || ended.SID != f.Session().SID || time.Since(began) != 3*time.Second {
					t.Errorf("capture after %s: %v, want %v after 3 s", time.Since(began), err, c.want)
				}
				synctest.Wait()
				sent := len(d.srv.Requests())
				for name, step := range steps(t.Context()) {
					for _, f := range []*flow.Flow{f, elsewhere} {
						if err := step(f); name == "cancel" && err != nil || name != "cancel" && !errors.Is(err, c.want) {
							t.Errorf("%s after the end: %v", name, err)
						}
					}
				}
				if len(d.srv.Requests()) != sent {
					t.Error("a step after the end sent a request")
				}
				if err := f.State().Ended; !errors.Is(err, c.want) {
					t.Errorf("state: %v, want %v", err, c.want)
				}
				if lines := collect(t.Context(), f); !strings.HasPrefix(lines[len(lines)-1], "completed caller-") {
					t.Errorf("the last event is %q", lines[len(lines)-1])
				}
			})
		})
	}
}

// steps are the steps a flow has.
func steps(ctx context.Context) map[string]func(*flow.Flow) error {
	return map[string]func(*flow.Flow) error{
		"capture":  func(f *flow.Flow) error { _, err := f.Capture(ctx, payments.CapturePaymentCardNumber); return err },
		"complete": func(f *flow.Flow) error { _, err := f.Complete(ctx); return err },
		"cancel":   func(f *flow.Flow) error { return f.Cancel(ctx) },
	}
}

func TestTheContextBoundsACapture(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(silent))
		f := d.start(noPostalCode)
		began := time.Now()
		_, err := f.Capture(within(t, 7*time.Second), payments.CapturePaymentCardNumber)
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, flow.ErrOutcomeUnknown) || time.Since(began) != 7*time.Second {
			t.Errorf("capture after %s: %v, want context.DeadlineExceeded", time.Since(began), err)
		}
		d.call.AnswerWith(paymentstest.VisaCaller())
		d.capture(f) // the session continues
	})
}

// TestALateEntryOfAnEarlierCapture does not end the current capture.
func TestALateEntryOfAnEarlierCapture(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(silent))
		f := d.start(noPostalCode)
		d.srv.Deliver(func(c paymentstest.Callback) paymentstest.Delivery {
			if c.Event.ErrorType != "" {
				return paymentstest.Late(10 * time.Second)
			}
			return paymentstest.Once()
		})
		go func() {
			_ = d.call.Await(t.Context(), payments.CapturePaymentCardNumber)
			_ = d.call.Press("4111") // then nothing for five seconds
		}()
		_, err := f.Capture(within(t, 8*time.Second), payments.CapturePaymentCardNumber)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("capture: %v, want the context's end", err)
		}
		go func() {
			time.Sleep(20 * time.Second)
			_ = d.call.Enter("4111 1111 1111 1111")
		}()
		began := time.Now()
		card, err := f.Capture(t.Context(), payments.CapturePaymentCardNumber)
		if err != nil || card.Entered != "xxxxxxxxxxxx1111" || time.Since(began) != 20*time.Second {
			t.Errorf("capture after %s: %+v, %v, want the second entry after 20 s", time.Since(began), card, err)
		}
	})
}

// TestALostResponseToCapture waits for the entry without asking again.
func TestALostResponseToCapture(t *testing.T) {
	t.Parallel()
	for name, fault := range lost {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t)
				d.client = newClient(t, d.srv, payments.WithMaxRetries(0))
				f := d.start(noPostalCode)
				d.srv.Inject(paymentstest.On(paymentstest.Capture, 1, fault))
				d.capture(f)
				if d.requests(paymentstest.Capture) != 3 {
					t.Errorf("%d requests, want 3", d.requests(paymentstest.Capture))
				}
			})
		})
	}
}

func TestACaptureThatNeverHappened(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.client = newClient(t, d.srv, payments.WithMaxRetries(0))
		f := d.start(noPostalCode, flow.WithPatience(4*time.Second))
		d.srv.Inject(paymentstest.On(paymentstest.Capture, 1, paymentstest.Reset()))
		began := time.Now()
		_, err := f.Capture(t.Context(), payments.CapturePaymentCardNumber)
		if !errors.Is(err, flow.ErrOutcomeUnknown) || time.Since(began) != 4*time.Second {
			t.Errorf("capture after %s: %v, want ErrOutcomeUnknown after 4 s", time.Since(began), err)
		}
		d.srv.Inject()
		d.capture(f) // asking again is safe
	})
}

func TestARefusedCapture(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		if _, err := f.Capture(t.Context(), payments.CaptureBankAccountNumber); !errors.Is(err, payments.ErrInvalidParams) {
			t.Errorf("a field of another method: %v, want ErrInvalidParams", err)
		}
		if _, err := f.Capture(t.Context(), "shoe-size"); !errors.Is(err, payments.ErrInvalidParams) {
			t.Errorf("an unknown field: %v, want ErrInvalidParams", err)
		}
		d.capture(f)
	})
}

// TestTwoStepsAtOnce: the second is refused, here and on another machine,
// except that a cancel ends a capture.
func TestTwoStepsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(silent))
		f := d.start(noPostalCode)
		elsewhere := d.resume(f)
		waiting := d.capturing(t.Context(), f)
		time.Sleep(time.Minute) // much longer than a lease, which is renewed
		sent := len(d.srv.Requests())
		for name, step := range steps(t.Context()) {
			for where, g := range map[string]*flow.Flow{"here": f, "elsewhere": elsewhere} {
				if name == "cancel" {
					continue
				}
				if err := step(g); !errors.Is(err, flow.ErrBusy) {
					t.Errorf("%s %s: %v, want ErrBusy", name, where, err)
				}
			}
		}
		if len(d.srv.Requests()) != sent {
			t.Error("a refused step has sent a request")
		}
		if asking := elsewhere.State().Asking; asking != payments.CapturePaymentCardNumber {
			t.Errorf("elsewhere the state is asking for %q, want %q", asking, payments.CapturePaymentCardNumber)
		}
		must(t, d.call.Enter("4111 1111 1111 1111"))
		must(t, <-waiting)
		d.call.AnswerWith(paymentstest.VisaCaller())
		d.capture(elsewhere, payments.CaptureExpirationDate)
		d.capture(f, payments.CaptureSecurityCode)
	})
}

// TestAnAcknowledgementIsNotAnEntry: an update with neither digits nor an
// error, while the field is missing, does not end a capture.
func TestAnAcknowledgementIsNotAnEntry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(silent))
		f := d.start(noPostalCode)
		go func() {
			d.postCallback(f, form{"Capture": "payment-card-number", "Required": "payment-card-number,expiration-date"})
			d.postCallback(f, form{"Required": "payment-card-number,expiration-date"}) // without the field's name, too
			d.postCallback(f, form{"Capture": "payment-card-number", "PartialResult": "true", "PaymentCardNumber": "411"})
			d.postCallback(f, form{"Capture": "payment-card-number", "PartialResult": "true", "PaymentCardNumber": "41"}) // overtaken
			time.Sleep(time.Minute)
			d.postCallback(f, form{"Capture": "payment-card-number", "Required": "expiration-date", "PaymentCardNumber": "4111111111111111"})
		}()
		began := time.Now()
		card, err := f.Capture(t.Context(), payments.CapturePaymentCardNumber)
		must(t, err)
		if time.Since(began) != time.Minute {
			t.Errorf("captured after %s, want a minute", time.Since(began))
		}
		if card.Entered != "xxxxxxxxxxxx1111" {
			t.Errorf("an unmasked number is shown as %q, want \"xxxxxxxxxxxx1111\"", card.Entered)
		}
		want := []string{"started", "updated payment-card-number ...", "updated payment-card-number ...", "updated ...", "updated payment-card-number xxx ...", "updated payment-card-number xxxxxxxxxxxx1111"}
		if diff := cmp.Diff(want, collect(within(t, time.Second), f)); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

// postCallback posts a callback to the URL of the latest request, once that was
// sent.
func (d *desk) postCallback(f *flow.Flow, fields form) {
	synctest.Wait()
	s, requests := f.Session(), d.srv.Requests()
	fields["AccountSid"], fields["CallSid"], fields["Sid"] = s.AccountSID, s.CallSID, s.SID
	target := requests[len(requests)-1].Form.Get("StatusCallback")
	if code := post(d.t, newHandler(d.t, d.bus), target, "", fields); code != http.StatusNoContent {
		d.t.Errorf("the callback got status %d", code)
	}
}
