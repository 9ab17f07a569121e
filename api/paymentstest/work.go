package paymentstest

import (
	"context"
	"io"
	"log"
	"sync"
)

// quietLog swallows what package http says of connections that faults broke.
var quietLog = log.New(io.Discard, "", 0)

// work knows the goroutines of a server, and how much is left to do.
type work struct {
	goroutines sync.WaitGroup
	mu         sync.Mutex
	pending    int
	idle       chan struct{} // closed when pending falls to zero; nil when nobody waits
}

// spawn runs f on a goroutine that wait waits for.
func (w *work) spawn(f func()) { w.goroutines.Go(f) }

func (w *work) wait() { w.goroutines.Wait() }

// add counts n more things to be done; done is called for each.
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

// settle returns when nothing is left to do, or ctx is done.
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
		}
	}
}
