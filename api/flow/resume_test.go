package flow_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// machine is a machine that can die: none of its calls then reaches the bus or
// Twilio.
type machine struct {
	*spyBus
	client *mortalClient
}

var errDead = errors.New("the machine is dead")

// mortalClient is the client of a machine that can die, even just before it
// sends a request.
type mortalClient struct {
	flow.Client
	dead        bool
	dieSending  func(payments.UpdateParams) bool
	afterSender func()
}

func (d *desk) machine() *machine {
	return &machine{spyBus: newSpyBus(d.bus), client: &mortalClient{Client: d.client}}
}

func (m *machine) die() {
	m.client.dead = true
	m.failOn(errDead)
}

func (c *mortalClient) Update(ctx context.Context, callSID, sid string, p payments.UpdateParams, opts ...payments.Option) (*payments.Session, error) {
	if c.dieSending != nil && c.dieSending(p) {
		c.afterSender()
	}
	if c.dead {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return c.Client.Update(ctx, callSID, sid, p, opts...)
}

// startOn starts the desk's session on a machine.
func (d *desk) startOn(m *machine) *flow.Flow {
	d.t.Helper()
	f, err := flow.Start(d.t.Context(), m.client, m, d.call.SID, noPostalCode)
	must(d.t, err)
	d.t.Cleanup(func() { _ = f.Close() })
	return f
}

// TestAMachineDiesWhileItCaptures: another continues the capture without asking
// the caller again.
func TestAMachineDiesWhileItCaptures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts  []flow.Option
		busy  time.Duration // how long the dead machine is presumed alive
		entry time.Duration // when the caller enters the number
	}{
		"taken over at once":                    {[]flow.Option{flow.WithTakeOver()}, 0, time.Minute},
		"its lease ends":                        {nil, 15 * time.Second, time.Minute},
		"the entry arrived before the takeover": {[]flow.Option{flow.WithTakeOver()}, 0, time.Second},
		"the entry shows that it is over":       {nil, 0, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t, paymentstest.WithCaller(silent))
				m := d.machine()
				f := d.startOn(m)
				dying, die := context.WithCancel(t.Context())
				go func() { _, _ = f.Capture(dying, payments.CapturePaymentCardNumber) }()
				synctest.Wait()
				died := time.Now()
				m.die()
				die()
				go func() {
					time.Sleep(c.entry)
					_ = d.call.Enter("4111 1111 1111 1111")
				}()
				if c.entry < 2*time.Second {
					time.Sleep(2 * time.Second)
				}
				g := d.resume(f, c.opts...)
				if s := g.State(); (s.Asking == payments.CapturePaymentCardNumber) != (c.entry > 2*time.Second) {
					t.Errorf("state %+v", s)
				}
				card, err := g.Capture(t.Context(), payments.CapturePaymentCardNumber)
				for errors.Is(err, flow.ErrBusy) {
					time.Sleep(time.Second)
					if card, err = g.Capture(t.Context(), payments.CapturePaymentCardNumber); !errors.Is(err, flow.ErrBusy) && time.Since(died) < c.busy {
						t.Errorf("not busy after %s", time.Since(died))
					}
				}
				must(t, err)
				if want := max(c.entry, 2*time.Second); card.Entered != "xxxxxxxxxxxx1111" || c.entry > time.Second && time.Since(died) != c.entry || time.Since(died) > want {
					t.Errorf("captured %q (want \"xxxxxxxxxxxx1111\") after %s", card.Entered, time.Since(died))
				}
				if n := d.requests(paymentstest.Capture); n != 1 {
					t.Errorf("the caller was asked %d times, want 1", n)
				}
				d.call.AnswerWith(paymentstest.VisaCaller())
				d.capture(g, payments.CaptureExpirationDate, payments.CaptureSecurityCode)
				_, err = g.Complete(t.Context())
				must(t, err)
			})
		})
	}
}

// TestAMachineDiesBeforeItsRequest: another sends it with the key of the first.
func TestAMachineDiesBeforeItsRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		m := d.machine()
		f := d.startOn(m)
		var key string
		m.client.dieSending = func(p payments.UpdateParams) bool { key = p.IdempotencyKey; return true }
		m.client.afterSender = m.die
		_, err := f.Capture(within(t, time.Second), payments.CapturePaymentCardNumber)
		if err == nil || d.requests(paymentstest.Capture) != 0 {
			t.Fatalf("capture: %v, %d requests, want 0", err, d.requests(paymentstest.Capture))
		}
		d.capture(d.resume(f, flow.WithTakeOver()))
		if r := d.srv.Requests()[1]; r.IdempotencyKey != key || key == "" {
			t.Errorf("asked with key %q, want %q", r.IdempotencyKey, key)
		}
	})
}

// TestAMachineDiesWhileItCompletes: whether its request was sent or not, no
// other is.
func TestAMachineDiesWhileItCompletes(t *testing.T) {
	t.Parallel()
	for name, sent := range map[string]bool{"after its request": true, "before its request": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t)
				m := d.machine()
				f := d.startOn(m)
				d.capture(f)
				d.srv.Deliver(func(paymentstest.Callback) paymentstest.Delivery { return paymentstest.Late(20 * time.Second) })
				if !sent {
					m.client.dieSending = func(payments.UpdateParams) bool { return true }
					m.client.afterSender = m.die
				}
				dying, die := context.WithCancel(t.Context())
				go func() { _, _ = f.Complete(dying) }()
				synctest.Wait()
				m.die()
				die()
				began := time.Now()
				g := d.resume(f, flow.WithTakeOver())
				if s := g.State(); !s.Completing {
					t.Errorf("state %+v, want completing", s)
				}
				result, err := g.Complete(t.Context())
				switch charges := d.srv.Charges(); {
				case sent && (err != nil || len(charges) != 1 || result.ConfirmationCode.Reveal() != charges[0].ConfirmationCode || time.Since(began) != 20*time.Second):
					t.Errorf("complete after %s: %v, %d charges", time.Since(began), err, len(charges))
				case !sent && (!errors.Is(err, flow.ErrOutcomeUnknown) || len(charges) != 0 || time.Since(began) != 30*time.Second):
					t.Errorf("complete after %s: %v, %d charges", time.Since(began), err, len(charges))
				}
				want := map[bool]int{true: 1, false: 0}[sent]
				if n := d.requests(paymentstest.Complete); n != want {
					t.Errorf("%d requests, want %d", n, want)
				}
			})
		})
	}
}

// TestAMachineThatWasOnlySlow finds that another has taken over the session.
func TestAMachineThatWasOnlySlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(silent))
		f := d.start(noPostalCode)
		waiting := d.capturing(t.Context(), f)
		g := d.resume(f, flow.WithTakeOver())
		go func() {
			time.Sleep(time.Minute)
			_ = d.call.Enter("4111 1111 1111 1111")
		}()
		taken := d.capturing(t.Context(), g)
		began := time.Now()
		if err := <-waiting; !errors.Is(err, flow.ErrTakenOver) || time.Since(began) > 5*time.Second {
			t.Errorf("capture after %s: %v, want ErrTakenOver within a third of the lease", time.Since(began), err)
		}
		if _, err := d.resume(f).Capture(t.Context(), payments.CaptureExpirationDate); !errors.Is(err, flow.ErrBusy) {
			t.Errorf("a third machine: %v, want ErrBusy because of the second", err)
		}
		must(t, <-taken)
		d.call.AnswerWith(paymentstest.VisaCaller())
		d.capture(f, payments.CaptureExpirationDate, payments.CaptureSecurityCode) // the session is no longer taken over
	})
}

// TestAStepThatIsOverElsewhere does not block others, although it was running
// when the session was resumed.
func TestAStepThatIsOverElsewhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(silent))
		f := d.start(noPostalCode)
		waiting := d.capturing(within(t, time.Second), f)
		g := d.resume(f)
		if err := <-waiting; !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("capture: %v, want context.DeadlineExceeded", err)
		}
		d.call.AnswerWith(paymentstest.VisaCaller())
		d.capture(g)
	})
}

// TestOneOfManyMachinesCompletes when ten try at the same time.
func TestOneOfManyMachinesCompletes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		d.capture(f)
		outcomes := make(chan error, 10)
		codes := make(chan string, 10)
		for range cap(outcomes) {
			g := d.resume(f)
			go func() {
				result, err := g.Complete(t.Context())
				for errors.Is(err, flow.ErrBusy) {
					time.Sleep(time.Second)
					result, err = g.Complete(t.Context())
				}
				outcomes <- err
				if err == nil {
					codes <- result.ConfirmationCode.Reveal()
				}
			}()
		}
		for range cap(outcomes) {
			must(t, <-outcomes)
			if code := <-codes; code != d.srv.Charges()[0].ConfirmationCode {
				t.Errorf("a machine got code %q, want %q", code, d.srv.Charges()[0].ConfirmationCode)
			}
		}
		if len(d.srv.Charges()) != 1 || d.requests(paymentstest.Complete) != 1 {
			t.Errorf("%d charges, want 1; %d requests, want 1", len(d.srv.Charges()), d.requests(paymentstest.Complete))
		}
	})
}

func TestStateOnAnotherMachine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		f := d.start(noPostalCode)
		d.capture(f, payments.CapturePaymentCardNumber)
		want := flow.State{
			Session: f.Session(), Captured: []payments.Capture{payments.CapturePaymentCardNumber},
			Missing: []payments.Capture{payments.CaptureExpirationDate, payments.CaptureSecurityCode},
		}
		g := d.resume(f)
		if diff := cmp.Diff(want, g.State()); diff != "" {
			t.Errorf("in the middle (-want +got):\n%s", diff)
		}
		d.capture(g, payments.CaptureExpirationDate, payments.CaptureSecurityCode)
		synctest.Wait()
		if s := f.State(); !s.Ready || len(s.Missing) != 0 || !slices.Contains(s.Captured, payments.CaptureSecurityCode) {
			t.Errorf("the first machine's state is %+v", s)
		}
		_, err := g.Complete(t.Context())
		must(t, err)
		if s := d.resume(f).State(); s.Ready || !errors.Is(s.Ended, flow.ErrSucceeded) {
			t.Errorf("at the end: %+v, want not Ready, flow.ErrSucceeded", s)
		}
	})
}
