package flow

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// step is one running step of this flow.
type step struct {
	f       *Flow
	op      operation
	fresh   string          // an unused idempotency key
	number  int             // its number in the record
	key     string          // idempotency key of the request
	claimed time.Time       // when the step was written to the record, or shortly before
	late    <-chan struct{} // closed when the step must have returned

	stranded                          bool // the record has the claim of this step, but another machine has the session
	abandoned                         bool // another machine started it and abandoned it
	completing                        bool // a complete was sent before, or may have been
	stopRenewing, stopLate, stopLimit func()
	lost                              bool // another machine took the session over; f.mu guards it
}

// begin makes op the only running step of the session, on all machines, or
// returns why it cannot. The context it returns bounds the step.
func (f *Flow) begin(ctx context.Context, op operation) (*step, context.Context, error) {
	s := &step{f: f, op: op, fresh: rand.Text()}
	if err := f.enter(s); err != nil {
		return nil, ctx, err
	}
	ctx, s.stopLimit = context.WithTimeoutCause(ctx, stepLimit, ErrExpired)
	begun := false
	defer func() { // also after a panic of the bus
		if begun {
			return
		}
		if s.number != 0 || s.stranded { // the claim may have been written; nothing was sent
			s.withdraw(ctx)
		}
		f.leave(s)
		s.stopLimit()
	}()
	err := f.ended(ctx)
	if err == nil {
		err = s.take(ctx)
	}
	if err != nil {
		return nil, ctx, err
	}
	begun = true
	s.late, s.stopLate = overtime(ctx)
	s.renew()
	return s, ctx, nil
}

// stepLimit is longer than any call on Twilio. It ends a step without a
// deadline, which would otherwise keep its session on the bus forever.
const stepLimit = 24 * time.Hour

// take records that the step is running here. It first marks a record that has
// lost steps.
func (s *step) take(ctx context.Context) error {
	err := s.f.change(ctx, s.claim)
	if errors.Is(err, errBehind) {
		if err = s.f.change(ctx, s.f.outdate); err == nil {
			err = s.f.change(ctx, s.claim)
		}
	}
	return err
}

var errBehind = errors.New("flow: the record has lost steps")

// isBehind reports whether the record has lost steps: a callback, or an earlier
// revision, has a higher step number.
func (f *Flow) isBehind(r *record) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.latest > r.last()
}

// outdate edits a record that has lost steps.
func (f *Flow) outdate(r *record) error {
	if f.isBehind(r) {
		f.mu.Lock()
		defer f.mu.Unlock()
		r.outdate(f.latest, f.config.now())
	}
	return nil
}

// enter blocks other steps of this flow. Cancel may run while a capture waits,
// because it ends the capture.
func (f *Flow) enter(s *step) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	cancel := s.op.Status == payments.StatusCancel
	switch {
	case f.failed != nil:
		return f.failed // callbacks would not be received
	case f.ending != nil, f.running != nil && (!cancel || f.running.op.Capture == ""):
		return ErrBusy
	case cancel:
		f.ending = s
	default:
		f.running = s
	}
	return nil
}

func (f *Flow) leave(s *step) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ending == s {
		f.ending = nil
	} else {
		f.running = nil
	}
}

// hasOther reports whether another step runs here with the number of s: the claim
// of s was not written, or both continue the same step of another machine. Call it
// while the record is being changed, because a claim sets the number then.
func (f *Flow) hasOther(s *step) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, other := range []*step{f.running, f.ending} {
		if other != nil && other != s && other.number == s.number {
			return true
		}
	}
	return false
}

// claim edits the record to say that the step is running here.
func (s *step) claim(r *record) error {
	f := s.f
	s.number = 0 // a refusal rests on a record that was just read, without this step
	s.stranded = r.Complete == s.fresh
	if f.isBehind(r) {
		return errBehind
	}
	r.settle(f.isDead(r.turn) || r.Owner == f.owner)
	s.completing = r.Complete != s.fresh && f.mayComplete(r)
	switch {
	case r.Settled.Kind != "":
		return r.settledNote(f.session).ended()
	case r.Cancelled:
		return errCancelled(f.session)
	case f.isBusy(r.turn) && (s.op.Status != payments.StatusCancel || r.Op.Capture == ""):
		return ErrBusy
	case s.completing && s.op.Capture != "":
		return errCompleting(r)
	}
	s.abandoned = r.Op == s.op && r.Owner != "" && r.Owner != f.owner
	s.abandoned = s.abandoned || s.completing && s.op.Status == payments.StatusComplete
	if !s.abandoned {
		key := s.fresh
		if s.op.Status == payments.StatusComplete {
			key, r.Complete, r.Claimed = completeKey(f.session, r.Flow), s.fresh, f.config.now()
		}
		r.begin(s.op, key)
	}
	r.Owner, r.Until = f.owner, f.config.now().Add(f.config.lease)
	s.number, s.key, s.claimed = r.Step, r.Key, time.Now()
	if f.config.callback != "" && s.op.Status != payments.StatusComplete {
		s.key = s.fresh // a different StatusCallback makes it a different request
	}
	return nil
}

// errCompleting says why only Complete and Cancel may follow.
func errCompleting(r *record) error {
	if r.Complete == claimUnknown {
		return fmt.Errorf("%w, or may have been: the bus has lost the session's record", ErrCompleting)
	}
	return ErrCompleting
}

// completeKey is the idempotency key of a session's complete. It is the same on
// every machine, whatever happens to the record, so that the receiver can
// recognize a complete that is sent twice in spite of all safeguards.
func completeKey(s Session, flow string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{"complete", s.AccountSID, s.CallSID, s.SID, flow}, "\n")))
	return hex.EncodeToString(sum[:16])
}

// isDead reports whether no flow runs the step any longer.
func (f *Flow) isDead(t turn) bool {
	return t.Owner == "" || slices.Contains(f.presumedDead, t.Owner) || !f.config.now().Before(t.Until)
}

// isBusy reports whether a step is running on another machine.
func (f *Flow) isBusy(t turn) bool {
	if f.isDead(t) || t.Owner == f.owner {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, finished := f.finalOf(t.Step) // its machine has not released it yet
	return !finished
}

// mayComplete reports whether a complete was sent, or may have been.
func (f *Flow) mayComplete(r *record) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mayCompleteLocked(r)
}

func (f *Flow) mayCompleteLocked(r *record) bool {
	return r.Complete != "" && !slices.Contains(f.refused, r.Complete) && !(f.config.risk && r.Complete == claimUnknown)
}

// isRetracted reports whether Twilio never acted on the claimed complete.
func (f *Flow) isRetracted(claim string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.refused, claim)
}

// retract notes that Twilio never acted on the complete with this claim. The
// record is changed when the step is released, even if another machine has taken
// the session over; if that fails, only this flow can complete the session.
func (f *Flow) retract(claim string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refused = append(f.refused, claim)
}
