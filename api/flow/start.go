package flow

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Start starts a payment session on a call and returns it as a flow. The bus is
// listened to before the session is created, so that no callback is missed.
// StatusCallback must lead to [Handler]; Start adds a parameter to its query.
//
// When the answer to create is lost, the first callback tells the session, for
// it comes to a URL that no other start has; it is waited for as long as the
// context and [WithPatience] allow. After that the error is [ErrOutcomeUnknown]
// with the *payments.Error in it: to start again with its IdempotencyKey finds
// the session if there is one.
//
// A session that the bus cannot keep the record of is cancelled.
func Start(ctx context.Context, client Client, bus Bus, callSID string, params payments.CreateParams, opts ...Option) (*Flow, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	if client == nil || bus == nil {
		return nil, errors.New("flow: Start needs a client and a bus")
	}
	if err := checkSID("CallSID", "CA", callSID); err != nil {
		return nil, err
	}
	if params.IdempotencyKey == "" {
		params.IdempotencyKey = rand.Text()
	}
	r := record{Flow: flowID(callSID, params.IdempotencyKey), Callback: params.StatusCallback}
	params.StatusCallback = tag{callSID, r.Flow, 0}.on(params.StatusCallback)

	l := lobby{flow: r.Flow}
	if l.messages, l.live, err = bus.Subscribe(ctx, Session{CallSID: callSID}); err != nil {
		return nil, err
	}
	created, err := client.Create(ctx, callSID, params, c.calls...)
	session, err := l.resolve(ctx, c.patience, callSID, created, err)
	if err != nil {
		_ = l.live.Close()
		return nil, err
	}
	f := newFlow(c, client, bus, session, r)
	f.watch(l.messages, l.live)
	if err := f.register(ctx); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// register writes the first record, or finds the one that an earlier start with
// the same key has written. It is tried even when the context has ended: the
// session is there.
func (f *Flow) register(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer cancel()
	err := f.change(ctx, func(*record) error { return nil })
	if err == nil || f.over() {
		return nil
	}
	ctx, cancelAgain := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer cancelAgain()
	s := step{f: f, op: operation{Status: payments.StatusCancel}, number: 1, key: rand.Text()}
	if cancelErr := s.update(ctx); cancelErr != nil {
		err = fmt.Errorf("%w; session %s could not be cancelled: %w", err, f.session.SID, cancelErr)
	}
	return fmt.Errorf("flow: the session could not be recorded and was given up: %w", err)
}

// lobby keeps the messages of a call until it is known which session is ours.
type lobby struct {
	flow     string
	messages []Message
	live     Subscription
}

// resolve returns the session that create made, by its answer or, when that was
// lost, by the callbacks.
func (l *lobby) resolve(ctx context.Context, patience time.Duration, callSID string, created *payments.Session, err error) (Session, error) {
	if err == nil {
		s := Session{AccountSID: created.AccountSID, CallSID: callSID, SID: created.SID}
		return s, s.Validate()
	}
	if s, ok := l.ours(); ok && (mayHaveActed(err) || errors.Is(err, payments.ErrSessionInProgress)) {
		return s, nil
	}
	if !mayHaveActed(err) {
		return Session{}, err
	}
	waitErr := l.listen(ctx, patience)
	if s, ok := l.ours(); ok {
		return s, nil
	}
	return Session{}, fmt.Errorf("%w: create: %w", ErrOutcomeUnknown, errors.Join(err, waitErr))
}

// settle is how long it is listened for more, once a session has told itself:
// a create that was sent again may have made a second one after the first.
const settle = 100 * time.Millisecond

// listen reads messages until one is ours, or patience or the context ends.
func (l *lobby) listen(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errNotTold)
	defer cancel()
	for found := false; ; {
		m, err := l.live.Next(ctx)
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

// ours returns the session that the callbacks posted to our URL are of, the one
// that is open if there are several. That a session is in progress is posted
// there too, and says nothing about whose it is.
func (l *lobby) ours() (s Session, found bool) {
	over := make(map[Session]bool)
	for _, m := range l.messages {
		over[m.Session] = over[m.Session] || m.Final
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
