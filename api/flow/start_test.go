package flow_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// lost lists the ways in which a response is lost after Twilio has acted.
var lost = map[string]paymentstest.Fault{
	"reset":           paymentstest.Reset().AfterCommit(),
	"half a response": paymentstest.HalfBody(),
	"no response":     paymentstest.NeverAnswer().AfterCommit(),
	"503":             paymentstest.Respond(http.StatusServiceUnavailable, "<html>busy</html>").AfterCommit(),
	"an empty 201":    paymentstest.Respond(http.StatusCreated, "{}").AfterCommit(),
}

// TestACallbackBeforeTheResponse to create is not missed.
func TestACallbackBeforeTheResponse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen sequence
		d := newDesk(t, paymentstest.WithFaults(func(paymentstest.Attempt) paymentstest.Fault {
			seen.add("request")
			return paymentstest.Fault{}
		}))
		spy := newSpyBus(d.bus)
		spy.failWith(func(method string) error { seen.add(method); return nil })
		early := &earlyClient{Client: d.client, handler: newHandler(t, d.bus), t: t}
		f, err := flow.Start(t.Context(), early, spy, d.call.SID, noPostalCode)
		must(t, err)
		defer func() { _ = f.Close() }()
		if log := seen.all(); log[0] != "subscribe" || log[1] != "request" {
			t.Errorf("order %v, want subscribe first", log)
		}
		if _, err := f.Capture(t.Context(), payments.CapturePaymentCardNumber); !errors.Is(err, flow.ErrStar) {
			t.Errorf("capture: %v, want ErrStar from the early callback", err)
		}
	})
}

// earlyClient delivers the end of a session before create returns.
type earlyClient struct {
	flow.Client
	handler http.Handler
	t       *testing.T
}

func (c *earlyClient) Create(ctx context.Context, callSID string, p payments.CreateParams, opts ...payments.Option) (*payments.Session, error) {
	s, err := c.Client.Create(ctx, callSID, p, opts...)
	if err == nil {
		deliver(c.t, c.handler, p.StatusCallback, form{
			"AccountSid": s.AccountSID, "CallSid": callSID, "Sid": s.SID, "Result": "caller-interrupted-with-star",
		})
	}
	return s, err
}

// TestALostResponseToCreate finds the session by its first callback, without a
// second create.
func TestALostResponseToCreate(t *testing.T) {
	t.Parallel()
	for name, fault := range lost {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t, paymentstest.WithFaults(paymentstest.On(paymentstest.Create, 1, fault)))
				d.client = newClient(t, d.srv, payments.WithMaxRetries(0))
				f := d.start(noPostalCode)
				d.capture(f)
				_, err := f.Complete(t.Context())
				must(t, err)
				if d.requests(paymentstest.Create) != 1 || len(d.srv.Charges()) != 1 {
					t.Errorf("%d creates, want 1; %d charges, want 1", d.requests(paymentstest.Create), len(d.srv.Charges()))
				}
			})
		})
	}
}

// TestALostResponseAfterASessionOnTheSameCall: late callbacks of the earlier
// session are not attributed to the new one.
func TestALostResponseAfterASessionOnTheSameCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.client = newClient(t, d.srv, payments.WithMaxRetries(0))
		d.srv.Deliver(func(c paymentstest.Callback) paymentstest.Delivery {
			switch c.Number {
			case 1: // the first has started
				return paymentstest.Late(3 * time.Second)
			case 3: // the second has started
				return paymentstest.Late(5 * time.Second)
			}
			return paymentstest.Once()
		})
		first := d.start(noPostalCode)
		must(t, first.Cancel(t.Context()))
		synctest.Wait()
		d.srv.Inject(paymentstest.On(paymentstest.Create, 1, paymentstest.Reset().AfterCommit()))
		began := time.Now()
		second := d.start(noPostalCode)
		if waited := time.Since(began); waited < 5*time.Second || waited > 6*time.Second {
			t.Errorf("started after %s, want to wait for the second callback, 5 s", waited)
		}
		if second.Session().SID == first.Session().SID {
			t.Fatal("start returned the first session")
		}
		if err := second.State().Ended; err != nil {
			t.Errorf("the second session has ended: %v", err)
		}
	})
}

func TestACreateThatNeverHappened(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDeskOn(t, newSpyBus(newMemory(t)), paymentstest.WithFaults(paymentstest.On(paymentstest.Create, 0, paymentstest.Respond(http.StatusBadGateway, ""))))
		d.client = newClient(t, d.srv, payments.WithMaxRetries(0))
		for patience, opts := range map[time.Duration][]flow.Option{
			30 * time.Second: nil,
			2 * time.Second:  {flow.WithPatience(2 * time.Second)},
		} {
			began := time.Now()
			_, err := flow.Start(t.Context(), d.client, d.bus, d.call.SID, noPostalCode, opts...)
			var e *payments.Error
			if !errors.Is(err, flow.ErrOutcomeUnknown) || !errors.As(err, &e) || e.IdempotencyKey == "" {
				t.Errorf("start: %v, want ErrOutcomeUnknown with the client's error", err)
			}
			if waited := time.Since(began); waited != patience {
				t.Errorf("waited %s, want %s", waited, patience)
			}
		}
		ctx := within(t, time.Second)
		if _, err := flow.Start(ctx, d.client, d.bus, d.call.SID, noPostalCode); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, flow.ErrOutcomeUnknown) {
			t.Errorf("start: %v, want the context's end", err)
		}
		if n := d.bus.(*spyBus).subscriptions(); n != 0 {
			t.Errorf("%d subscriptions are open, want 0", n)
		}
	})
}

// TestStartingAgainWithTheKey finds the session of a start whose context ended,
// and continues it, even if Twilio only reports that one is open.
func TestStartingAgainWithTheKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithFaults(paymentstest.On(paymentstest.Create, 1, paymentstest.NeverAnswer().AfterCommit().After(0))))
		d.client = newClient(t, d.srv, payments.WithMaxRetries(0), payments.WithAttemptTimeout(0))
		d.srv.Deliver(func(paymentstest.Callback) paymentstest.Delivery { return paymentstest.Late(10 * time.Second) })
		_, err := flow.Start(within(t, 5*time.Second), d.client, d.bus, d.call.SID, noPostalCode)
		var e *payments.Error
		if !errors.As(err, &e) {
			t.Fatalf("start: %v", err)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		p := noPostalCode
		p.IdempotencyKey = e.IdempotencyKey
		d.srv.Deliver(nil)
		for name, injector := range map[string]paymentstest.Injector{
			"the first response": func(paymentstest.Attempt) paymentstest.Fault { return paymentstest.Fault{} },
			"a session is open":  paymentstest.On(paymentstest.Create, 0, paymentstest.Refuse(http.StatusBadRequest, payments.CodeInvalidOperation, "in progress")),
		} {
			d.srv.Inject(injector)
			f := d.start(p)
			d.srv.Inject()
			if _, err := f.Capture(t.Context(), payments.CapturePaymentCardNumber); err != nil {
				t.Errorf("%s: capture: %v", name, err)
			}
		}
	})
}

// TestASessionInProgress: a second start on the call fails, however Twilio
// reports it, and the first session continues.
func TestASessionInProgress(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]paymentstest.Option{"response": nil, "response and callback": {paymentstest.WithAssumptions(paymentstest.Assumptions{ReportSessionInProgress: true})}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t, opts...)
				f := d.start(noPostalCode)
				if _, err := flow.Start(t.Context(), d.client, d.bus, d.call.SID, noPostalCode); !errors.Is(err, payments.ErrSessionInProgress) {
					t.Errorf("start: %v, want ErrSessionInProgress", err)
				}
				d.client = newClient(t, d.srv, payments.WithMaxRetries(0))
				d.srv.Inject(paymentstest.On(paymentstest.Create, 0, paymentstest.Reset().AfterCommit()))
				if _, err := flow.Start(t.Context(), d.client, d.bus, d.call.SID, noPostalCode); !errors.Is(err, flow.ErrOutcomeUnknown) {
					t.Errorf("start whose response is lost: %v, want ErrOutcomeUnknown", err)
				}
				d.capture(f)
				_, err := f.Complete(t.Context())
				must(t, err)
				for _, line := range collect(t.Context(), f) {
					if strings.Contains(line, "session-in-progress") {
						t.Errorf("the first session shows %q, which is about the second start", line)
					}
				}
			})
		})
	}
}

// TestARetriedCreate of the client meets the session that its first attempt
// created. Twilio posts that error to the session's own URL, where it has no
// meaning.
func TestARetriedCreate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(silent))
		f := d.start(noPostalCode)
		go func() {
			d.postCallback(f, form{"ErrorType": "session-in-progress"}) // to the URL of create
			_ = d.call.Await(t.Context(), payments.CapturePaymentCardNumber)
			_ = d.call.Enter("4111 1111 1111 1111")
		}()
		time.Sleep(time.Second)
		d.capture(f, payments.CapturePaymentCardNumber)
		for _, line := range collect(within(t, time.Second), f) {
			if strings.Contains(line, "session-in-progress") {
				t.Errorf("shown: %q", line)
			}
		}
	})
}

// TestTwoSessionsOfOneStart: a retried create made a second session after the
// caller had ended the first. The open one counts, in whichever order their
// callbacks arrive.
func TestTwoSessionsOfOneStart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		endFirst bool
		pause    time.Duration
	}{
		"the end first": {true, 0}, "the end last": {false, 0}, "the open one slightly later": {true, 50 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t)
			over, open := sessionNo(1), sessionNo(2)
			over.CallSID, open.CallSID = d.call.SID, d.call.SID
			client := &scriptedClient{create: func(p payments.CreateParams) (*payments.Session, error) {
				h := newHandler(t, d.bus)
				posts := []func(){
					func() { deliver(t, h, p.StatusCallback, formOf(over, form{"Result": "caller-interrupted-with-star"})) },
					func() { deliver(t, h, p.StatusCallback, formOf(open, nil)) },
				}
				if !c.endFirst {
					slices.Reverse(posts)
				}
				deliver(t, h, p.StatusCallback, formOf(over, nil))
				posts[0]()
				if c.pause == 0 {
					posts[1]()
				} else {
					time.AfterFunc(c.pause, posts[1])
				}
				return nil, errors.New("the response was lost")
			}}
			f, err := flow.Start(t.Context(), client, d.bus, d.call.SID, noPostalCode)
			must(t, err)
			defer func() { _ = f.Close() }()
			if f.Session() != open || f.State().Ended != nil {
				t.Errorf("%s: started %+v (want %+v), %v", name, f.Session(), open, f.State().Ended)
			}
		})
	}
}

// TestAContextThatEndsWithTheResponse: the session exists, and so does its flow.
func TestAContextThatEndsWithTheResponse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		ctx, cancel := context.WithCancel(t.Context())
		client := &scriptedClient{create: func(p payments.CreateParams) (*payments.Session, error) {
			defer cancel()
			return d.client.Create(t.Context(), d.call.SID, p)
		}}
		f, err := flow.Start(ctx, client, d.bus, d.call.SID, noPostalCode)
		must(t, err)
		defer func() { _ = f.Close() }()
		d.capture(d.resume(f)) // it has a record
	})
}

// scriptedClient is a client controlled by a test.
type scriptedClient struct {
	create func(payments.CreateParams) (*payments.Session, error)
	update func(payments.UpdateParams) (*payments.Session, error)

	updateWith func(ctx context.Context, sid string, p payments.UpdateParams) (*payments.Session, error) // replaces update
}

func (c *scriptedClient) Create(_ context.Context, _ string, p payments.CreateParams, _ ...payments.Option) (*payments.Session, error) {
	return c.create(p)
}

func (c *scriptedClient) Update(ctx context.Context, _, sid string, p payments.UpdateParams, _ ...payments.Option) (*payments.Session, error) {
	if c.updateWith != nil {
		return c.updateWith(ctx, sid, p)
	}
	return c.update(p)
}
