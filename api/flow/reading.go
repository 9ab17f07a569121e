package flow

import (
	"context"
	"sync"
	"time"
)

// reading is how a flow gets its messages. Where the subscription can push, they
// are applied by whoever publishes them, and a flow that waits for something to
// happen has no goroutine. Otherwise one waits for the next message. After the
// end of the session one waits for a success that may follow.
type reading struct {
	f       *Flow
	live    Subscription
	closing context.CancelFunc // ends the wait of a session that has ended; nil where messages are pushed; f.mu guards it

	mu     sync.Mutex // held while messages that were pushed are applied; taken before f.mu
	ceased bool       // none is applied any more that is pushed
	stop   context.CancelFunc
	done   chan struct{} // closed when the goroutine has ended; nil as long as there was none
}

// pusher is a subscription that says when there is a message.
type pusher interface {
	// push has ready called, without a lock of the bus, after anything that
	// tryNext would return has come.
	push(ready func())
	// tryNext is Next without waiting.
	tryNext() (m Message, found bool, err error)
}

// start begins to read.
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
	r.ceased = true
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

// drain applies what has been pushed, one caller at a time.
func (r *reading) drain() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.ceased {
		if r.f.over() {
			r.ceased = true
			r.spawn(func(ctx context.Context) { r.f.watchEnd(ctx, r.live) })
			return
		}
		m, found, err := r.live.(pusher).tryNext()
		switch {
		case err != nil:
			r.ceased = true
			r.f.fail(err)
			_ = r.live.Close()
			return
		case !found:
			return
		}
		r.f.apply(m)
	}
}

// spawn reads on in a goroutine, and gives up the subscription when that ends.
// The caller holds mu.
func (r *reading) spawn(read func(context.Context)) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	r.stop, r.done = stop, done
	go func() {
		defer close(done)
		defer stop()
		defer func() { _ = r.live.Close() }()
		read(ctx)
	}()
}

// sessionEnded has the end of the session noticed. The caller holds f.mu.
func (r *reading) sessionEnded() {
	switch {
	case r == nil: // it is noticed when reading begins
	case r.closing != nil:
		r.closing()
	default:
		go r.drain()
	}
}

// close ends reading, and returns when that has ended, or the bus does not come
// back.
func (r *reading) close() {
	r.mu.Lock()
	r.ceased = true
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
