package flow

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow/internal/stored"
	"github.com/twiliopay/twiliopay-go/internal/sleep"
)

// Lookup asks the payment gateway what became of a session. It finds the charge
// by s.Reference if [Start] was asked for one, and otherwise by what the
// application knows of the session. The zero [Outcome] and an error leave the
// session as it is.
type Lookup func(ctx context.Context, s OpenSession) (Outcome, error)

// Reconciled is the result of [Reconcile] for one session.
type Reconciled struct {
	OpenSession
	// Outcome is how the session is now settled, for every machine. It is
	// unknown if the gateway does not know, if nothing was recorded, and if a
	// callback contradicts it.
	Outcome Outcome `json:"outcome"`
	// Err is why the session is not settled, or why some machines may not know
	// yet: the error of the lookup or of the bus, or [ErrContradicted].
	Err error `json:"-"`
}

// ErrContradicted means that the gateway has no charge for the session, or has
// refused it, but Twilio posted that it succeeded. The success counts for every
// machine; a person must find out which of the two is wrong.
var ErrContradicted = errors.New("flow: the gateway's outcome contradicts a callback of success")

// errRefusedMeanwhile means that there is nothing left to settle.
var errRefusedMeanwhile = errors.New("flow: Twilio refused the complete in the meantime; the session is open")

// Reconcile settles the sessions whose outcome is unknown, with the outcome
// that the gateway reports. They are the sessions of [Unfinished] in which
// complete was sent, or may have been, longer ago than q.OlderThan; younger
// ones may still be decided.
//
// The outcome is written to the session's record by compare-and-swap, and every
// machine receives it: a waiting Complete returns, later ones do too, and
// [Flow.Events] ends. Nothing is sent to Twilio: Reconcile has no client. No
// machine completes a settled session afterwards, because complete is sent
// within 45 s of its claim or not at all. (A process that is suspended in
// between, or a clock that differs by more than 15 s, can break this; the
// default age of 15 minutes leaves room.) A contradicting callback that arrives
// later counts only if it is a success.
//
// It works through all pages from q.After on, q.Limit sessions at a time, one
// lookup after the other, until ctx ends, and may run on several machines. The
// result has one entry for each session it looked at; the error joins those of
// the entries and whatever stopped it early. Running it again continues with
// what is left, and publishes what was recorded but not published.
func Reconcile(ctx context.Context, bus Bus, q Query, lookup Lookup) ([]Reconciled, error) {
	if bus == nil || lookup == nil {
		return nil, errors.New("flow: Reconcile needs a bus and a lookup")
	}
	l, err := q.list()
	if q.OlderThan == 0 {
		q.OlderThan = defaultSettleAge
	}
	if q.OlderThan < smallestSettleAge {
		err = join(err, invalid("OlderThan", "must be at least "+smallestSettleAge.String()))
	}
	if err != nil {
		return nil, err
	}
	r := reconciler{boundedBus{bus}, lookup}
	seen := make(map[Session]bool)
	var all []Reconciled
	var errs []error
	for {
		page, err := unfinished(ctx, r.bus, l, func(s OpenSession) bool {
			return !seen[s.Session] && (s.over != nil || s.Completing && time.Since(s.Completed) >= q.OlderThan)
		})
		for _, s := range page.Sessions {
			if seen[s.Session] {
				continue
			}
			seen[s.Session] = true
			if ctx.Err() != nil {
				break
			}
			done := r.settle(ctx, s)
			if s.over == nil || done.Outcome.IsKnown() || done.Err != nil { // a cancelled session is not reported
				all = append(all, done)
			}
			if done.Err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", s.Session.SID, done.Err))
			}
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return all, errors.Join(append(errs, err)...)
		}
		if l.After = page.Next; l.After == "" {
			return all, errors.Join(errs...)
		}
	}
}

type reconciler struct {
	bus    boundedBus
	lookup Lookup
}

// settle looks up a session at the gateway and records the outcome.
func (r reconciler) settle(ctx context.Context, s OpenSession) Reconciled {
	done := Reconciled{OpenSession: s, Err: s.Err}
	if done.Err != nil {
		return done
	}
	if s.over != nil {
		return r.publish(ctx, done, *s.over)
	}
	outcome, err := r.lookup(ctx, s)
	if err != nil {
		done.Err = fmt.Errorf("lookup: %w", err)
	}
	if err != nil || !outcome.IsKnown() {
		return done
	}
	written, err := r.write(ctx, s, outcome)
	if err != nil {
		done.Err = err
		return done
	}
	return r.publish(ctx, done, written)
}

// publish publishes the end that the record states to all machines.
func (r reconciler) publish(ctx context.Context, done Reconciled, written record) Reconciled {
	done.Outcome = written.Settled.outcome()
	if err := r.bus.Publish(ctx, written.endNote(done.Session)); err != nil {
		done.Err = fmt.Errorf("recorded, but not yet published to waiting machines: %w", err)
		return done
	}
	if done.Err = r.contradiction(ctx, done); errors.Is(done.Err, ErrContradicted) {
		done.Outcome = Outcome{} // the success counts, not the recorded outcome
	}
	return done
}

// write settles the record and returns it, unless another complete was claimed
// since it was listed. A settled record stays as it is.
func (r reconciler) write(ctx context.Context, s OpenSession, o Outcome) (record, error) {
	place := place{r.bus, s.Session}
	for failures := 0; ; {
		known, err := stored.Read(ctx, place, recordCodec)
		if errors.Is(err, stored.ErrNone) {
			return record{}, ErrExpired
		}
		if err == nil {
			next := known.Content()
			switch {
			case next.Settled.Kind != "":
				return next, nil
			case next.Cancelled:
				return next, errCancelled(s.Session)
			case next.Complete != s.claim:
				return next, errRefusedMeanwhile
			}
			next.Settled = settlement{o.kind, o.text.Reveal()}
			next.Format, next.Writer = recordFormat, rand.Text()
			if _, err = known.Write(ctx, place, recordCodec, next); err == nil {
				return next, nil
			}
		}
		switch {
		case errors.Is(err, ErrConflict):
			if err := sleep.For(ctx, swapPause); err != nil {
				return record{}, err
			}
		case failures < busTries-1 && ctx.Err() == nil && !errors.Is(err, ErrFormat):
			failures++
		default:
			return record{}, err
		}
	}
}

// contradiction returns [ErrContradicted] if Twilio has posted a success of a
// session that is settled otherwise.
func (r reconciler) contradiction(ctx context.Context, done Reconciled) error {
	if !done.Outcome.IsKnown() || done.Outcome.IsCharged() {
		return nil
	}
	past, err := pastOf(ctx, r.bus, done.Session)
	if err != nil {
		return fmt.Errorf("settled, but callbacks could not be read again: %w", err)
	}
	for _, m := range past {
		if m.Note != "" {
			continue
		}
		if e, err := m.Event(); err == nil && e.Kind == callback.Completed && e.Result == callback.ResultSuccess {
			return ErrContradicted
		}
	}
	return nil
}
