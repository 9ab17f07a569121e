package flow_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

func TestStartIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		down := newSpyBus(d.bus)
		down.failOn(errDown)
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
			"a bus that fails": {d.client, down, d.call.SID, noPostalCode, nil, errDown},
		} {
			if _, err := flow.Start(t.Context(), c.client, c.bus, c.call, c.params, c.opts...); err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
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
		spy := newSpyBus(d.bus)
		spy.failOn(errDown, "swap")
		if _, err := flow.Start(t.Context(), d.client, spy, d.call.SID, noPostalCode); !errors.Is(err, errDown) {
			t.Errorf("start: %v, want the bus's error", err)
		}
		if d.requests(paymentstest.Cancel) != 1 {
			t.Error("the session was not cancelled")
		}
		d.start(noPostalCode) // the call is free
	})
}

// refusingBus refuses records, after a delay.
type refusingBus struct{ flow.Bus }

func (b refusingBus) Swap(context.Context, flow.Session, []byte, uint64) (uint64, error) {
	time.Sleep(time.Second)
	return 0, errDown
}

// TestASessionThatIsOverCannotBeRecorded and is not cancelled; nor is one whose
// key was returned because the context ended before the cancel.
func TestASessionThatIsOverCannotBeRecorded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		early := &earlyClient{Client: d.client, handler: newHandler(t, d.bus), t: t}
		f, err := flow.Start(t.Context(), early, refusingBus{d.bus}, d.call.SID, noPostalCode)
		must(t, err)
		if err := f.State().Ended; !errors.Is(err, flow.ErrStar) || d.requests(paymentstest.Cancel) != 0 {
			t.Errorf("ended with %v (want flow.ErrStar), %d cancels, want 0", err, d.requests(paymentstest.Cancel))
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
			t.Error("a session that can be found by its key was cancelled")
		}
	})
}

// TestSubaccounts starts and continues a session in a subaccount, with the
// parent's client.
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

// TestAResponseThatNamesNoSession leaves the outcome open; the key finds the
// session.
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
