package flow

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// step is one step of this flow, under way.
type step struct {
	f      *Flow
	op     operation
	fresh  string // an idempotency key nobody has used
	number int    // of the record
	key    string // idempotency key of the request

	left       bool // gone on with: another machine began it and left it behind
	completing bool // a complete was sent before, or may have been
	renewing   context.CancelFunc
	lost       bool // another machine took the session over; f.mu guards it
}

// begin makes op the one step of the session that is under way, on all machines,
// or says why it cannot be.
func (f *Flow) begin(ctx context.Context, op operation) (*step, error) {
	if err := f.enter(op); err != nil {
		return nil, err
	}
	s := &step{f: f, op: op, fresh: rand.Text()}
	err := f.ended()
	if err == nil {
		err = f.change(ctx, s.claim)
	}
	if err != nil {
		if s.number != 0 && op.Status == payments.StatusComplete {
			f.disown(s.fresh) // the claim may have been written; nothing was sent
		}
		f.leave(op)
		return nil, err
	}
	s.renew()
	return s, nil
}

// enter keeps other steps of this flow out. Cancel may come while a capture
// waits, because it ends that.
func (f *Flow) enter(op operation) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	cancel := op.Status == payments.StatusCancel
	switch {
	case f.failed != nil:
		return f.failed // what Twilio answers would not be heard
	case f.ending, f.running != operation{} && (!cancel || f.running.Capture == ""):
		return ErrBusy
	case cancel:
		f.ending = true
	default:
		f.running = op
	}
	return nil
}

func (f *Flow) leave(op operation) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if op.Status == payments.StatusCancel {
		f.ending = false
	} else {
		f.running = operation{}
	}
}

// claim edits the record to say that the step is under way here.
func (s *step) claim(r *record) error {
	r.settle(s.f.isDead(r.turn) || r.Owner == s.f.owner)
	s.completing = r.Complete != s.fresh && s.f.mayComplete(r)
	switch {
	case r.Cancelled:
		return errCancelled(s.f.session)
	case s.f.isBusy(r.turn) && (s.op.Status != payments.StatusCancel || r.Op.Capture == ""):
		return ErrBusy
	case s.completing && s.op.Capture != "":
		return ErrCompleting
	}
	s.left = r.Op == s.op && r.Owner != "" && r.Owner != s.f.owner
	s.left = s.left || s.completing && s.op.Status == payments.StatusComplete
	if !s.left {
		r.begin(s.op, s.fresh)
		if s.op.Status == payments.StatusComplete {
			r.Complete = s.fresh
		}
	}
	r.Owner, r.Until = s.f.owner, time.Now().Add(s.f.config.lease)
	s.number, s.key = r.Step, r.Key
	if s.f.config.callback != "" {
		s.key = s.fresh // with another StatusCallback it is another request
	}
	return nil
}

// isDead reports whether nobody runs a step any more.
func (f *Flow) isDead(t turn) bool {
	return t.Owner == "" || t.Owner == f.overrule || !time.Now().Before(t.Until)
}

// isBusy reports whether a step is under way on another machine.
func (f *Flow) isBusy(t turn) bool {
	if f.isDead(t) || t.Owner == f.owner {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, finished := f.finals[t.Step] // its machine has yet to say so
	return !finished
}

// mayComplete reports whether a complete was sent, or may have been.
func (f *Flow) mayComplete(r *record) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return r.Complete != "" && !slices.Contains(f.refused, r.Complete)
}

// disown notes that Twilio never acted on the complete with this key. Others
// are told; when that fails, the session can be completed from here alone.
func (f *Flow) disown(key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refused = append(f.refused, key)
}

// finish says that the step is over, and returns when everyone has been told.
// When its context has ended it hardly waits for that, and when the bus cannot
// be told, the lease ends by itself.
func (s *step) finish(ctx context.Context) {
	s.renewing()
	s.f.leave(s.op)
	_ = linger(ctx, func(ctx context.Context) error { return s.f.change(ctx, s.release) })
}

// release edits the record to say that the step is over.
func (s *step) release(r *record) error {
	held := r.held(s.f.owner, s.number)
	if held == nil || r.Cancelled { // then nobody asks whose turn it is
		return errNotOurs
	}
	held.Owner, held.Until = "", time.Time{}
	r.settle(s.f.isDead(r.turn))
	if !s.f.mayComplete(r) {
		r.Complete = ""
	}
	return nil
}

// linger does what is to be done even though ctx may have ended, and returns
// when it is done. When ctx has ended that is hardly waited for, and it is gone
// on with behind the caller's back.
func linger(ctx context.Context, do func(context.Context) error) error {
	done := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
		defer cancel()
		done <- do(ctx)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(releaseGrace):
		return ctx.Err()
	}
}

// releaseTime bounds how long it is tried to tell other machines of a step, and
// releaseGrace how much later than its context a step may return for that.
const (
	releaseTime  = 5 * time.Second
	releaseGrace = 250 * time.Millisecond
)

var errNotOurs = errors.New("flow: the step is not ours any more")
