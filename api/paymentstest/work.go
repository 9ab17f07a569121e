package paymentstest

import (
	"context"
	"io"
	"log"
	"sync"
)

// quietLog discards what package http logs about connections that faults broke.
var quietLog = log.New(io.Discard, "", 0)

// work tracks the goroutines of a server and how much is left to do.
type work struct {
	ctx  context.Context // done when the server closes
	stop context.CancelFunc

	goroutines sync.WaitGroup
	mu         sync.Mutex
	closed     bool
	pending    int
	idle       chan struct{} // closed when pending falls to zero; nil without a waiter
}

func newWork() *work {
	w := &work{}
	w.ctx, w.stop = context.WithCancel(context.Background())
	return w
}

// spawn runs f on a goroutine that close waits for. After close it runs nothing
// and returns false.
func (w *work) spawn(f func()) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.goroutines.Go(f)
	return true
}

// enter makes close wait for the calling goroutine until it calls leave. After
// close it returns false.
func (w *work) enter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.goroutines.Add(1)
	return true
}

func (w *work) leave() { w.goroutines.Done() }

// close returns when all goroutines have ended.
func (w *work) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.goroutines.Wait()
}

// add counts n more things to do; done is called for each.
func (w *work) add(n int) {
	w.mu.Lock()
	w.pending += n
	w.mu.Unlock()
}

func (w *work) done() {
	w.mu.Lock()
	w.pending--
	if w.pending == 0 && w.idle != nil {
		close(w.idle)
		w.idle = nil
	}
	w.mu.Unlock()
}

// settle returns when nothing is left to do, or when ctx or the server is done.
func (w *work) settle(ctx context.Context) error {
	for {
		w.mu.Lock()
		if w.pending == 0 {
			w.mu.Unlock()
			return nil
		}
		if w.idle == nil {
			w.idle = make(chan struct{})
		}
		idle := w.idle
		w.mu.Unlock()
		select {
		case <-idle:
		case <-ctx.Done():
			return ctx.Err()
		case <-w.ctx.Done():
			return ErrClosed
		}
	}
}
