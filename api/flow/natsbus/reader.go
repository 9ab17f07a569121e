package natsbus

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/internal/sleep"
)

// keepReader is how long the consumer stays after the last subscription was closed.
const keepReader = 5 * time.Second

// reader owns the one consumer of a bus and passes what it reads to the
// subscriptions. The consumer exists while there are subscriptions.
type reader struct {
	bus *Bus

	mu     sync.Mutex
	subs   map[string][]*subscription // by call SID
	open   int
	run    *run // nil while there is no consumer
	ending *time.Timer
}

// run is the lifetime of a consumer and its replacements.
type run struct {
	ctx   context.Context
	stop  context.CancelFunc
	ready chan struct{} // closed when events are being read, or err is set
	err   error         // why none are read
}

// add registers a subscription for the events of a call, and returns when the
// consumer reads them.
func (r *reader) add(ctx context.Context, s *subscription) error {
	r.mu.Lock()
	r.subs[s.session.CallSID] = append(r.subs[s.session.CallSID], s)
	r.open++
	if r.ending != nil {
		r.ending.Stop()
	}
	if r.run == nil {
		r.run = &run{ready: make(chan struct{})}
		r.run.ctx, r.run.stop = context.WithCancel(context.Background())
		go r.read(r.run)
	}
	run := r.run
	r.mu.Unlock()
	select {
	case <-run.ready:
		return run.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// remove unregisters a subscription.
func (r *reader) remove(s *subscription) {
	r.mu.Lock()
	defer r.mu.Unlock()
	call := s.session.CallSID
	i := slices.Index(r.subs[call], s)
	if i < 0 {
		return
	}
	if r.subs[call] = slices.Delete(r.subs[call], i, i+1); len(r.subs[call]) == 0 {
		delete(r.subs, call)
	}
	if r.open--; r.open == 0 {
		r.ending = time.AfterFunc(keepReader, r.rest)
	}
}

// rest deletes the consumer unless it is needed again.
func (r *reader) rest() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open == 0 && r.run != nil {
		r.run.stop()
		r.run = nil
	}
}

// read reads until there are no more subscriptions, the connection is closed,
// or the stream was deleted or replaced.
func (r *reader) read(run *run) {
	b := r.bus
	from, err := b.findEnd(run.ctx)
	if err == nil {
		c := &consumer{bus: b, from: from}
		if err = c.create(run.ctx); err == nil {
			close(run.ready)
			err = r.keep(run.ctx, c)
			r.end(run, err)
			return
		}
	}
	run.err = err
	r.end(run, nil) // those that wait for the consumer return the error
	close(run.ready)
}

// keep reads from a consumer and its replacements.
func (r *reader) keep(ctx context.Context, c *consumer) error {
	for {
		c.read(ctx, r.deliver)
		c.drop()
		for most := firstPause; ; most = min(2*most, longPause) {
			err := r.resume(ctx, c)
			if err == nil {
				break
			}
			switch {
			case ctx.Err() != nil || errors.Is(err, nats.ErrConnectionClosed):
				return flow.ErrClosed
			case errors.Is(err, jetstream.ErrStreamNotFound), errors.Is(err, flow.ErrExpired):
				return err
			}
			if sleep.Jittered(ctx, most) != nil {
				return flow.ErrClosed
			}
		}
	}
}

// resume creates a consumer that continues where c ended. If the stream has
// lost the last message read, each subscription checks whether it is affected.
func (r *reader) resume(ctx context.Context, c *consumer) error {
	end, whole, err := r.bus.check(ctx, c.from)
	if err != nil {
		return err
	}
	if !whole {
		c.from = end
		r.mu.Lock()
		r.each((*subscription).doubt)
		r.mu.Unlock()
	}
	return c.create(ctx)
}

// end ends a run, and its subscriptions if there is an error.
func (r *reader) end(run *run, err error) {
	run.stop()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.run != run {
		return // the current subscriptions belong to another run
	}
	r.run = nil
	if err != nil {
		r.each(func(s *subscription) { s.end(err) })
	}
}

// each calls do for all subscriptions. The caller holds the lock.
func (r *reader) each(do func(*subscription)) {
	for _, subs := range r.subs {
		for _, s := range subs {
			do(s)
		}
	}
}

// deliver passes an event to its subscriptions.
func (r *reader) deliver(e entry) {
	session := sessionOf(e.subject)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.subs[session.CallSID] {
		if s.session.Includes(session) {
			s.put(e)
		}
	}
}

// sessionOf returns the session of a subject.
func sessionOf(subject string) (s flow.Session) {
	subject, s.SID = cutLast(subject)
	subject, s.CallSID = cutLast(subject)
	_, s.AccountSID = cutLast(subject)
	return s
}

func cutLast(subject string) (before, token string) {
	i := strings.LastIndexByte(subject, '.')
	return subject[:max(i, 0)], subject[i+1:]
}
