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
	s.completing = r.Complete != "" && r.Complete != s.fresh && !slices.Contains(s.f.refused, r.Complete)
	switch {
	case r.Cancelled:
		return errCancelled(s.f.session)
	case s.f.isBusy(r) && (s.op.Status != payments.StatusCancel || r.Op.Capture == ""):
		return ErrBusy
	case s.completing && s.op.Capture != "":
		return ErrCompleting
	}
	s.left = r.Op == s.op && r.Owner != "" && r.Owner != s.f.owner
	s.left = s.left || s.completing && s.op.Status == payments.StatusComplete
	if !s.left {
		r.Step++
		r.Op, r.Key = s.op, s.fresh
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

// isBusy reports whether a step is under way on another machine.
func (f *Flow) isBusy(r *record) bool {
	if r.Owner == "" || r.Owner == f.owner || r.Owner == f.overrule || !time.Now().Before(r.Until) {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, finished := f.finals[r.Step] // its machine has yet to say so
	return !finished
}

// disown notes that Twilio never acted on the complete with this key. Others
// are told; when that fails, the session can be completed from here alone.
func (f *Flow) disown(key string) {
	f.recordMu.Lock()
	defer f.recordMu.Unlock()
	f.refused = append(f.refused, key)
}

// finish says that the step is over, and returns when everyone has been told.
// When its context has ended it hardly waits for that, and when the bus cannot
// be told, the lease ends by itself.
func (s *step) finish(ctx context.Context) {
	s.renewing()
	s.f.leave(s.op)
	released := make(chan struct{})
	go func() {
		defer close(released)
		s.release(context.WithoutCancel(ctx))
	}()
	select {
	case <-released:
		return
	case <-ctx.Done():
	}
	select {
	case <-released:
	case <-time.After(releaseGrace):
	}
}

func (s *step) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, releaseTime)
	defer cancel()
	_ = s.f.change(ctx, func(r *record) error {
		if r.Owner != s.f.owner || r.Step != s.number {
			return errNotOurs
		}
		r.Owner, r.Until = "", time.Time{}
		if slices.Contains(s.f.refused, r.Complete) {
			r.Complete = ""
		}
		return nil
	})
}

// releaseTime bounds how long it is tried to say that a step is over, and
// releaseGrace how much later than its context a step may return for that.
const (
	releaseTime  = 5 * time.Second
	releaseGrace = 250 * time.Millisecond
)

var errNotOurs = errors.New("flow: the step is not ours any more")
