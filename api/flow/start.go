package flow

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/internal/sid"
)

// Start starts a payment session on a call and returns it as a flow. It
// subscribes to the bus before it creates the session, so that no callback is
// missed. StatusCallback must lead to [Handler]; Start adds a parameter to its
// query.
//
// When the response to create is lost, Start waits for the first callback, for
// as long as the context and [WithPatience] allow. That callback names the
// session, because no other start has its URL. If none arrives, or if the bus
// cannot store the session's record, Start returns a [*StartError], which
// matches [ErrOutcomeUnknown]. Call Start again with its IdempotencyKey to find
// the session if there is one.
//
// Start cancels a session that it cannot record only if this call surely
// created it: IdempotencyKey was empty and Twilio's response arrived. Otherwise
// another machine may be using it.
func Start(ctx context.Context, client Client, bus Bus, callSID string, params payments.CreateParams, opts ...Option) (*Flow, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	if client == nil || bus == nil {
		return nil, errors.New("flow: Start needs a client and a bus")
	}
	if err := checkSID(sid.Call, callSID); err != nil {
		return nil, err
	}
	info := StepInfo{Name: "start", Session: Session{CallSID: callSID}}
	return observed(ctx, &c.hooks, info, func(ctx context.Context) (*Flow, error) {
		return start(ctx, c, client, boundedBus{bus}, callSID, params)
	})
}

func start(ctx context.Context, c config, client Client, bus boundedBus, callSID string, params payments.CreateParams) (_ *Flow, err error) {
	newKey := params.IdempotencyKey == ""
	if newKey {
		params.IdempotencyKey = rand.Text()
	}
	first := record{Flow: flowID(callSID, params.IdempotencyKey), Callback: params.StatusCallback, Carrier: c.hooks.carrier(ctx)}
	if first.Reference, err = c.refer(first.Flow, &params); err != nil {
		return nil, err
	}
	params.StatusCallback = tag{callSID, first.Flow, 0}.on(params.StatusCallback)

	l := pendingStart{flow: first.Flow}
	if l.messages, l.live, err = bus.Subscribe(ctx, Session{CallSID: callSID}); err != nil {
		return nil, err
	}
	release := l.live.Close
	defer func() { // also after a panic of client or bus
		if release != nil {
			_ = release()
		}
	}()
	created, createErr := bounded(ctx, func(ctx context.Context) (*payments.Session, error) {
		return client.Create(ctx, callSID, params, c.calls...)
	}, nil)
	session, err := l.resolve(ctx, c.patience, callSID, created, createErr)
	if err != nil {
		if errors.Is(err, ErrOutcomeUnknown) {
			err = &StartError{Session: Session{CallSID: callSID}, IdempotencyKey: params.IdempotencyKey, cause: err}
		}
		return nil, err
	}
	first.Started = c.now()
	if last := l.lastStep(); last > 0 {
		first.outdate(last, first.Started) // an earlier start with this key has lost its record
	}
	f := newFlow(c, client, bus, session)
	f.seen = &first
	f.watch(l.messages, l.live)
	release = f.Close
	if err := f.record(ctx, first, newKey && createErr == nil); err != nil {
		if !errors.Is(err, errGivenUp) {
			err = &StartError{Session: session, IdempotencyKey: params.IdempotencyKey, cause: err}
		}
		return nil, err
	}
	release = nil
	f.count()
	return f, nil
}

// StartError is the error of [Start] when Twilio has a session, or may have
// one, but there is no flow for it. It matches [ErrOutcomeUnknown].
type StartError struct {
	// Session is what is known of the session: its SID is empty when the response
	// to create was lost.
	Session Session
	// IdempotencyKey finds the session when passed to [Start] again.
	IdempotencyKey string

	cause error
}

// Error describes what happened and names the session.
func (e *StartError) Error() string {
	var cause string
	if e.cause != nil { // one made by hand, for a test, has none
		cause = e.cause.Error()
	}
	switch {
	case e.Session.SID == "" && cause == "":
		return ErrOutcomeUnknown.Error()
	case e.Session.SID == "":
		return cause // it says that the outcome is unknown
	case cause != "":
		cause = ": " + cause
	}
	return ErrOutcomeUnknown.Error() + ": session " + e.Session.SID + " was started and could not be recorded" + cause
}

// Is reports whether target is [ErrOutcomeUnknown].
func (e *StartError) Is(target error) bool { return target == ErrOutcomeUnknown }

// Unwrap returns the error of the client or of the bus.
func (e *StartError) Unwrap() error { return e.cause }

// record writes the first record, or finds the one of an earlier start with the
// same key. It tries even if the context has ended, because the session exists.
// If it fails, a session that this call created is cancelled, but not once this
// start's key has been returned: then another start may have found it.
func (f *Flow) record(ctx context.Context, first record, ours bool) error {
	late, stop := overtime(ctx)
	defer stop()
	var decided atomic.Bool // to cancel the session, or to return its key
	err := outlive(ctx, late, func(ctx context.Context) error {
		err := shielded(func() error { return f.register(ctx, first) })
		if err == nil || f.over() {
			return nil
		}
		if !ours || !decided.CompareAndSwap(false, true) {
			return err
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
		defer cancel()
		s := step{f: f, op: operation{Status: payments.StatusCancel}, number: 1, key: rand.Text()}
		if cancelErr := s.update(ctx); cancelErr != nil {
			return fmt.Errorf("%w; it could not be cancelled: %w", err, cancelErr)
		}
		return fmt.Errorf("%w: %w", errGivenUp, err)
	})
	select {
	case <-late:
		if ours && !decided.CompareAndSwap(false, true) {
			return fmt.Errorf("%w: %w", errGivenUp, err)
		}
	default:
	}
	return err
}

var errGivenUp = errors.New("flow: the session could not be recorded and is cancelled")

// pendingStart collects the messages of a call until it is known which session is ours.
type pendingStart struct {
	flow     string
	messages []Message
	live     Subscription
}

// resolve returns the session that create made, from its response or, if that
// was lost, from the callbacks.
func (l *pendingStart) resolve(ctx context.Context, patience time.Duration, callSID string, created *payments.Session, err error) (Session, error) {
	if err == nil {
		s := Session{AccountSID: created.AccountSID, CallSID: callSID, SID: created.SID}
		if err := s.Validate(); err != nil {
			return Session{}, unknown(operation{}, fmt.Errorf("the response names no session: %v", err)) // not a parameter error
		}
		return s, nil
	}
	if s, ok := l.ours(); ok && (mayHaveActed(err) || errors.Is(err, payments.ErrSessionInProgress)) {
		return s, nil
	}
	if !mayHaveActed(err) {
		return Session{}, err
	}
	began := time.Now()
	waitErr := l.waited(began, l.listen(ctx, patience))
	if s, ok := l.ours(); ok {
		return s, nil
	}
	return Session{}, unknown(operation{}, join(err, waitErr))
}

// waited adds to an error what Start waited for, since began, and what arrived
// instead.
func (l *pendingStart) waited(began time.Time, err error) error {
	if err == nil {
		return nil
	}
	received := "none has arrived for the call: does StatusCallback lead to flow.Handler?"
	if n := len(l.messages); n > 0 {
		received = fmt.Sprintf("%d arrived for other sessions of the call", n)
	}
	return fmt.Errorf("waited %s for a callback that names the session; %s: %w", time.Since(began).Round(time.Millisecond), received, err)
}

// lastStep returns the highest step number in the callbacks of this start.
func (l *pendingStart) lastStep() (last int) {
	for _, m := range l.messages {
		if m.Flow == l.flow {
			last = max(last, m.Step)
		}
	}
	return last
}

// settle is how much longer Start listens once a callback has named a session:
// a retried create may have created a second one.
const settle = 100 * time.Millisecond

// listen reads messages until one is ours, or patience or the context ends.
func (l *pendingStart) listen(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errNoCallback)
	defer cancel()
	for found := false; ; {
		m, err := bounded(ctx, l.live.Next, nil)
		if errors.Is(err, context.DeadlineExceeded) {
			return context.Cause(ctx)
		}
		if err != nil {
			return err
		}
		l.messages = append(l.messages, m)
		if _, ok := l.ours(); ok && !found {
			found = true
			ctx, cancel = context.WithTimeout(ctx, settle)
			defer cancel()
		}
	}
}

// ours returns the session of the callbacks posted to our URL; of several, the
// open one. The error that a session is in progress is posted there too, and
// does not show whose session it is.
func (l *pendingStart) ours() (s Session, found bool) {
	over := make(map[Session]bool)
	for _, m := range l.messages {
		over[m.Session] = over[m.Session] || m.isEnd()
	}
	for _, m := range l.messages {
		if m.Flow != l.flow || m.Note != "" {
			continue
		}
		e, err := m.Event()
		if err != nil || e.ErrorType == callback.ErrorTypeSessionInProgress {
			continue
		}
		if !found || over[s] || !over[m.Session] {
			s, found = m.Session, true
		}
	}
	return s, found
}
