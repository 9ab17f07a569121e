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

// lost are the ways in which an answer is lost after Twilio has acted.
var lost = map[string]paymentstest.Fault{
	"reset":          paymentstest.Reset().AfterCommit(),
	"half an answer": paymentstest.HalfBody(),
	"no answer":      paymentstest.NeverAnswer().AfterCommit(),
	"503":            paymentstest.Respond(http.StatusServiceUnavailable, "<html>busy</html>").AfterCommit(),
	"201 of nothing": paymentstest.Respond(http.StatusCreated, "{}").AfterCommit(),
}

// TestACallbackBeforeTheAnswer delivers the first callbacks before Twilio
// answers create: they are not missed.
func TestACallbackBeforeTheAnswer(t *testing.T) {
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
			t.Errorf("capture: %v, want ErrStar by the callback that came first", err)
		}
	})
}

// earlyClient delivers the end of a session before it returns from create.
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

// TestALostAnswerToCreate finds the session by its first callback, without a
// second create.
func TestALostAnswerToCreate(t *testing.T) {
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
					t.Errorf("%d creates, %d charges", d.requests(paymentstest.Create), len(d.srv.Charges()))
				}
			})
		})
	}
}

// TestALostAnswerAfterASessionOnTheSameCall has callbacks of an earlier session
// of the call arrive late: they are not taken for the new session's.
func TestALostAnswerAfterASessionOnTheSameCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.client = newClient(t, d.srv, payments.WithMaxRetries(0))
		d.srv.Deliver(func(c paymentstest.Callback) paymentstest.Delivery {
			switch c.Number {
			case 1: // that the first has started
				return paymentstest.Late(3 * time.Second)
			case 3: // that the second has
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
			t.Fatal("the second session was taken for the first")
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
			t.Errorf("%d subscriptions are open", n)
		}
	})
}

// TestStartingAgainWithTheKey finds the session that a start made whose context
// ended, and goes on with it, also when Twilio only says that one is open.
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
			"the answer of the first": func(paymentstest.Attempt) paymentstest.Fault { return paymentstest.Fault{} },
			"a session is open":       paymentstest.On(paymentstest.Create, 0, paymentstest.Refuse(http.StatusBadRequest, payments.CodeInvalidOperation, "in progress")),
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

// TestASessionInProgress starts twice on a call: the second start fails, however
// Twilio says so, and the first session goes on.
func TestASessionInProgress(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]paymentstest.Option{"answer": nil, "answer and callback": {paymentstest.WithAssumptions(paymentstest.Assumptions{ReportSessionInProgress: true})}} {
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
					t.Errorf("start whose answer is lost: %v, want ErrOutcomeUnknown", err)
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

// TestACreateThatWasSentAgain by the client meets the session that its first
// try has made. That is posted to the session's own URL, and says nothing.
func TestACreateThatWasSentAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, paymentstest.WithCaller(silent))
		f := d.start(noPostalCode)
		go func() {
			d.answer(f, form{"ErrorType": "session-in-progress"}) // to the URL of create
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

// TestTwoSessionsOfOneStart: when a create that was sent again made a second
// session, after the caller had ended the first, it is the open one that counts,
// in whichever order their callbacks come.
func TestTwoSessionsOfOneStart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		endFirst bool
		pause    time.Duration
	}{
		"the end first": {true, 0}, "the end last": {false, 0}, "the open one a little later": {true, 50 * time.Millisecond},
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
				return nil, errors.New("the answer was lost")
			}}
			f, err := flow.Start(t.Context(), client, d.bus, d.call.SID, noPostalCode)
			must(t, err)
			defer func() { _ = f.Close() }()
			if f.Session() != open || f.State().Ended != nil {
				t.Errorf("%s: started %+v, %v", name, f.Session(), f.State().Ended)
			}
		})
	}
}

// TestAContextThatEndsWithTheAnswer: the session is there, and so is its flow.
func TestAContextThatEndsWithTheAnswer(t *testing.T) {
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
		d.capture(d.resume(f)) // which has a record
	})
}

// scriptedClient is a client that does as a test says.
type scriptedClient struct {
	create func(payments.CreateParams) (*payments.Session, error)
	update func(payments.UpdateParams) (*payments.Session, error)

	updateWith func(ctx context.Context, sid string, p payments.UpdateParams) (*payments.Session, error) // instead of update
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

func TestStartIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		broken := errors.New("the bus is down")
		down := newSpyBus(d.bus)
		down.failWith(func(string) error { return broken })
		wrong := noPostalCode
		wrong.StatusCallback = "/status"
		for name, c := range map[string]struct {
			client flow.Client
			bus    flow.Bus
			call   string
			params payments.CreateParams
			opts   []flow.Option
			want   error
		}{
			"no client":        {nil, d.bus, d.call.SID, noPostalCode, nil, nil},
			"no bus":           {d.client, nil, d.call.SID, noPostalCode, nil, nil},
			"no call":          {d.client, d.bus, "CA12", noPostalCode, nil, nil},
			"a wild card":      {d.client, d.bus, "CA*", noPostalCode, nil, nil},
			"a nil option":     {d.client, d.bus, d.call.SID, noPostalCode, []flow.Option{nil}, nil},
			"no patience":      {d.client, d.bus, d.call.SID, noPostalCode, []flow.Option{flow.WithPatience(0)}, nil},
			"a short lease":    {d.client, d.bus, d.call.SID, noPostalCode, []flow.Option{flow.WithLease(time.Millisecond)}, nil},
			"a wrong callback": {d.client, d.bus, d.call.SID, noPostalCode, []flow.Option{flow.WithStatusCallback("status")}, nil},
			"a bus that fails": {d.client, down, d.call.SID, noPostalCode, nil, broken},
		} {
			if _, err := flow.Start(t.Context(), c.client, c.bus, c.call, c.params, c.opts...); err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if len(d.srv.Requests()) != 0 {
			t.Error("a request was sent")
		}
		if _, err := flow.Start(t.Context(), d.client, d.bus, d.call.SID, wrong); !errors.Is(err, payments.ErrInvalidParams) {
			t.Errorf("a relative StatusCallback: %v, want ErrInvalidParams", err)
		}
	})
}

// TestASessionThatCannotBeRecorded is cancelled at Twilio.
func TestASessionThatCannotBeRecorded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		broken := errors.New("the bus is down")
		spy := newSpyBus(d.bus)
		spy.failWith(func(method string) error {
			if method == "swap" {
				return broken
			}
			return nil
		})
		if _, err := flow.Start(t.Context(), d.client, spy, d.call.SID, noPostalCode); !errors.Is(err, broken) {
			t.Errorf("start: %v, want the bus's error", err)
		}
		if d.requests(paymentstest.Cancel) != 1 {
			t.Error("the session was not cancelled")
		}
		d.start(noPostalCode) // the call is free
	})
}

// refusingBus refuses records, after a while.
type refusingBus struct{ flow.Bus }

func (b refusingBus) Swap(context.Context, flow.Session, []byte, uint64) (uint64, error) {
	time.Sleep(time.Second)
	return 0, errors.New("the bus is down")
}

// TestASessionThatIsOverCannotBeRecorded and is left alone; so is one whose key
// was handed out, because the context ended before it could be cancelled.
func TestASessionThatIsOverCannotBeRecorded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		early := &earlyClient{Client: d.client, handler: newHandler(t, d.bus), t: t}
		f, err := flow.Start(t.Context(), early, refusingBus{d.bus}, d.call.SID, noPostalCode)
		must(t, err)
		if err := f.State().Ended; !errors.Is(err, flow.ErrStar) || d.requests(paymentstest.Cancel) != 0 {
			t.Errorf("ended with %v, %d cancels", err, d.requests(paymentstest.Cancel))
		}
		must(t, f.Close())

		d = newDesk(t)
		ctx, end := context.WithCancel(t.Context())
		client := &scriptedClient{
			create: func(p payments.CreateParams) (*payments.Session, error) {
				defer end()
				return d.client.Create(t.Context(), d.call.SID, p)
			},
			updateWith: func(ctx context.Context, sid string, p payments.UpdateParams) (*payments.Session, error) {
				return d.client.Update(ctx, d.call.SID, sid, p)
			},
		}
		began := time.Now()
		_, err = flow.Start(ctx, client, refusingBus{d.bus}, d.call.SID, noPostalCode)
		unrecorded, ok := errors.AsType[*flow.StartError](err)
		if !ok || unrecorded.IdempotencyKey == "" || unrecorded.Session.SID == "" || !errors.Is(err, flow.ErrOutcomeUnknown) {
			t.Errorf("start: %v, want a StartError with key and SID", err)
		}
		if took := time.Since(began); took > 250*time.Millisecond {
			t.Errorf("start outlived its context by %s", took)
		}
		time.Sleep(time.Minute)
		if d.requests(paymentstest.Cancel) != 0 {
			t.Error("a session that may be found by its key was cancelled")
		}
	})
}

// TestSubaccounts starts and goes on in a subaccount by the parent's client.
func TestSubaccounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const sub = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		d := newDesk(t, paymentstest.WithSubaccount(sub, paymentstest.DefaultAuthToken))
		f := d.start(noPostalCode, flow.WithCallOptions(payments.WithAccount(sub)))
		d.capture(f, payments.CapturePaymentCardNumber)
		g := d.resume(f)
		d.capture(g, payments.CaptureExpirationDate, payments.CaptureSecurityCode)
		_, err := g.Complete(t.Context())
		must(t, err)
		if s := g.Session(); s.AccountSID != sub || d.srv.Charges()[0].AccountSID != sub {
			t.Errorf("session %+v", s)
		}
	})
}

// TestAResponseThatNamesNoSession leaves open what was made, and is found by the
// key.
func TestAResponseThatNamesNoSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		client := &scriptedClient{create: func(payments.CreateParams) (*payments.Session, error) { return &payments.Session{}, nil }}
		_, err := flow.Start(t.Context(), client, d.bus, d.call.SID, noPostalCode)
		unknown, ok := errors.AsType[*flow.StartError](err)
		if !ok || unknown.IdempotencyKey == "" || !errors.Is(err, flow.ErrOutcomeUnknown) || errors.Is(err, payments.ErrInvalidParams) {
			t.Errorf("start: %v, want a StartError with the key", err)
		}
	})
}
