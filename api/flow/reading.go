package flow

import (
	"context"
	"sync"
	"time"
)

// reading is how a flow gets its messages. If the subscription can push, they
// are applied by the goroutine that publishes them, and a waiting flow has no
// goroutine. Otherwise a goroutine waits for the next message. After the end of
// the session a goroutine waits for a success that may follow.
type reading struct {
	f       *Flow
	live    Subscription
	closing context.CancelFunc // ends the wait for the session's end; nil if messages are pushed; guarded by f.mu

	mu      sync.Mutex // held while pushed messages are applied; taken before f.mu
	stopped bool       // pushed messages are no longer applied
	stop    context.CancelFunc
	done    chan struct{} // closed when the goroutine has ended; nil if none was started
}

// pusher is a subscription that calls back when there is a message.
type pusher interface {
	// push sets ready, which is called, without a lock of the bus held,
	// whenever tryNext has something to return.
	push(ready func())
	// tryNext is Next without waiting.
	tryNext() (m Message, found bool, err error)
}

// start starts reading.
func (r *reading) start() {
	p, pushes := r.live.(pusher)
	if pushes {
		p.push(r.drain)
		r.drain()
		return
	}
	open, closing := context.WithCancel(context.Background())
	r.f.mu.Lock()
	r.closing = closing
	r.f.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
	r.spawn(func(ctx context.Context) {
		defer context.AfterFunc(ctx, closing)()
		defer closing()
		for !r.f.over() {
			m, err := r.live.Next(open)
			if err != nil && !r.f.over() {
				r.f.fail(err)
				return
			}
			if err == nil {
				r.f.apply(m)
			}
		}
		r.f.watchEnd(ctx, r.live)
	})
}

// drain applies what was pushed, one caller at a time.
func (r *reading) drain() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.stopped {
		if r.f.over() {
			r.stopped = true
			r.spawn(func(ctx context.Context) { r.f.watchEnd(ctx, r.live) })
			return
		}
		m, found, err := r.live.(pusher).tryNext()
		switch {
		case err != nil:
			r.stopped = true
			r.f.fail(err)
			_ = r.live.Close()
			return
		case !found:
			return
		}
		r.f.apply(m)
	}
}

// spawn continues reading in a goroutine, and closes the subscription when that
// ends. The caller holds mu.
func (r *reading) spawn(read func(context.Context)) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	r.stop, r.done = stop, done
	go func() {
		defer close(done)
		defer stop()
		defer func() { _ = r.live.Close() }()
		if err := shielded(func() error { read(ctx); return nil }); err != nil {
			r.f.failUnsettled(err)
		}
	}()
}

// sessionEnded signals the end of the session. The caller holds f.mu.
func (r *reading) sessionEnded() {
	switch {
	case r == nil: // start will notice it
	case r.closing != nil:
		r.closing()
	default:
		go r.drain()
	}
}

// close ends reading. It returns once reading has ended, or the bus does not
// return in time.
func (r *reading) close() {
	r.mu.Lock()
	r.stopped = true
	stop, done := r.stop, r.done
	r.mu.Unlock()
	if done == nil {
		_ = r.live.Close()
		return
	}
	stop()
	select {
	case <-done:
	case <-time.After(stepGrace):
	}
}
