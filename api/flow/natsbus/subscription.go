package natsbus

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/internal/sleep"
)

// ahead is how many unread messages a subscription holds. Messages beyond that
// are read from the stream again when needed, so an abandoned subscriber costs
// next to nothing.
const ahead = 16

// subscription is a position in the messages of a session. It has no goroutine:
// the reader puts messages in, and Next takes them out.
type subscription struct {
	bus     *Bus
	session flow.Session
	closed  chan struct{}
	once    sync.Once
	wake    chan struct{} // full when something has changed
	turn    chan struct{} // full while a caller is in Next

	mu     sync.Mutex
	until  time.Time // when the bus may have forgotten the session; zero: never
	queue  []entry   // messages that follow the last one returned
	last   uint64    // sequence number of the last message in queue or returned
	at     int64     // when the stream stored that message
	behind uint64    // messages up to this one follow last, and come before any that is put in
	doubts int       // how often behind, and whether the stream still has last, became uncertain
	sure   int       // the last doubt that was resolved
	ended  error     // why nothing follows once the queue is empty
}

func newSubscription(b *Bus, s flow.Session) *subscription {
	return &subscription{
		bus: b, session: s, closed: make(chan struct{}), wake: make(chan struct{}, 1), turn: make(chan struct{}, 1),
		doubts: 1,
	}
}

// put is called by the reader with every message of the session.
func (s *subscription) put(e entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case e.sequence <= s.last: // read from the stream already
		return
	case s.sure != s.doubts || s.behind > 0 || len(s.queue) >= ahead:
		s.behind = max(s.behind, e.sequence)
	default:
		s.add(e)
	}
	s.signal()
}

func (s *subscription) add(e entry) {
	s.queue = append(s.queue, e)
	s.last, s.at = e.sequence, e.at
}

// doubt makes the subscription check whether the stream still has what it read.
func (s *subscription) doubt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doubts++
	s.signal()
}

// end ends the subscription once its queue is empty. Only the first reason
// counts.
func (s *subscription) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended == nil {
		s.ended = err
	}
	s.signal()
}

func (s *subscription) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// what to do next
type what int

const (
	handOut what = iota // the message
	catchUp             // from the stream
	wait                // for the reader
	over                // see the field ended
)

// pop returns the next message, or what to do to get one.
func (s *subscription) pop() (e entry, next what, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.isClosed():
		return entry{}, over, flow.ErrClosed
	case len(s.queue) > 0:
		e = s.queue[0]
		s.queue[0] = entry{}
		if s.queue = s.queue[1:]; len(s.queue) == 0 {
			s.queue = nil
		}
		if s.bus.expiry.Load() != 0 {
			s.until = time.Unix(0, e.at).Add(time.Duration(s.bus.expiry.Load()))
		}
		return e, handOut, nil
	case s.ended != nil:
		return entry{}, over, s.ended
	case s.sure != s.doubts || s.behind > 0:
		return entry{}, catchUp, nil
	}
	return entry{}, wait, nil
}

// due sets the time after which the bus may have forgotten the session.
func (s *subscription) due(after time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bus.expiry.Load() != 0 {
		s.until = time.Now().Add(after)
	}
}

// left returns the time until then, if there is an expiry.
func (s *subscription) left() (left time.Duration, bounded bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Until(s.until), !s.until.IsZero()
}

func (s *subscription) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// fetch reads the messages that the subscription is behind by from the stream,
// up to one batch.
func (s *subscription) fetch(ctx context.Context) error {
	if err := s.resolve(ctx); err != nil {
		return err
	}
	from, behind := s.place()
	if behind == 0 {
		return nil
	}
	batch, err := again(ctx, s.bus, func(ctx context.Context) ([]entry, error) {
		return s.bus.fromAny(ctx, s.bus.config.subject(s.session), from+1)
	}, s.bus.api()+"DIRECT.GET."+s.bus.config.stream())
	if err == nil && len(batch) == 0 { // the replica lags behind
		var e *entry
		if e, err = s.present(ctx, behind, getRequest{Sequence: from + 1, NextOf: s.bus.config.subject(s.session)}); err == nil {
			batch = []entry{*e}
		}
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range batch {
		s.add(e)
	}
	if s.last >= s.behind {
		s.behind = 0
	}
	return nil
}

func (s *subscription) place() (last, behind uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, s.behind
}

// resolve asks the leader how far behind the subscription is, and whether the
// stream has the last message that was read.
func (s *subscription) resolve(ctx context.Context) error {
	s.mu.Lock()
	doubt, last, at := s.doubts, s.last, s.at
	sure := s.sure == doubt
	s.mu.Unlock()
	if sure {
		return nil
	}
	if last > 0 {
		e, err := s.present(ctx, last, getRequest{Sequence: last})
		if err != nil {
			return err
		}
		if e.at != at {
			return errLost
		}
	}
	e, err := s.bus.newest(ctx, getRequest{LastOf: s.bus.config.subject(s.session)})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sure = doubt // there may be a newer one by now
	if e != nil && e.sequence > s.last {
		s.behind = max(s.behind, e.sequence)
	}
	return nil
}

// present reads a message that the stream once had from the leader, or returns
// errLost if the stream no longer has it. A new leader may not have applied yet
// what is acknowledged: while its stream ends before the message, present
// waits.
func (s *subscription) present(ctx context.Context, sequence uint64, request getRequest) (*entry, error) {
	const agreed = 2 // so that a change of the leader between two requests is harmless
	missing := 0
	for start := time.Now(); ; {
		end, err := s.bus.findEnd(ctx)
		if err != nil {
			return nil, err
		}
		e, err := s.bus.newest(ctx, request)
		switch {
		case err != nil || e != nil:
			return e, err
		case end.last >= sequence:
			missing++
		}
		if missing == agreed || time.Since(start) > applyTime {
			return nil, errLost
		}
		if err := sleep.Jittered(ctx, firstPause); err != nil {
			return nil, err
		}
	}
}

// applyTime is how long a new leader may take to apply what was acknowledged
// before.
const applyTime = 10 * time.Second

// errLost means that the stream lacks a message that a subscription has read,
// or should read.
var errLost = fmt.Errorf("natsbus: the stream has lost events of the session: %w", flow.ErrExpired)

// Close implements flow.Subscription.
func (s *subscription) Close() error {
	s.once.Do(func() {
		close(s.closed)
		s.bus.reader.remove(s)
	})
	return nil
}
