package flow

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// A method of a flow returns within 250 ms of its context's end, whatever the
// bus and the client do. A call that has not returned busGrace after its
// context ended is abandoned. What must still be recorded for other machines
// after a step's context ended is waited for until stepGrace.
const (
	busGrace  = 100 * time.Millisecond
	stepGrace = 200 * time.Millisecond
)

// bounded returns what do returns, or the context's error if do has not
// returned soon after the context ended. A later result of do is passed to
// dropped. A panic in do becomes a panic of bounded.
func bounded[T any](ctx context.Context, do func(context.Context) (T, error), dropped func(T)) (T, error) {
	if ctx.Done() == nil {
		return do(ctx)
	}
	done := begin(func() (T, error) { return do(ctx) })
	select {
	case o := <-done:
		return o.get()
	case <-ctx.Done():
	}
	timer := time.NewTimer(busGrace)
	defer timer.Stop()
	select {
	case o := <-done:
		return o.get()
	case <-timer.C:
	}
	if dropped != nil {
		go func() {
			if o := <-done; o.err == nil {
				dropped(o.value)
			}
		}()
	}
	var none T
	return none, endOf(ctx)
}

// returned is what a call returned, or its panic.
type returned[T any] struct {
	value    T
	err      error
	panicked any
}

// begin calls do in a goroutine. A panic in it, such as one in a hook or transport
// of the application, must end only the request that led to it, as it would
// without the goroutine, and not the process with all its sessions.
func begin[T any](do func() (T, error)) <-chan returned[T] {
	done := make(chan returned[T], 1)
	go func() {
		r := returned[T]{err: errNotReturned} // unless it does
		defer func() {
			if p := recover(); p != nil {
				r.panicked = fmt.Sprintf("%v\n\n%s", p, debug.Stack())
			}
			done <- r
		}()
		r.value, r.err = do()
	}()
	return done
}

var errNotReturned = errors.New("flow: a call panicked, or ended its goroutine")

// get returns what the call returned, or panics as it did.
func (r returned[T]) get() (T, error) {
	if r.panicked != nil {
		panic(r.panicked)
	}
	return r.value, r.err
}

// shielded returns what do returns. A panic of the bus becomes an error, where no
// caller is there whose request it could end: in the goroutines of a flow, and when
// a step that is over is released.
func shielded(do func() error) (err error) {
	err = errNotReturned
	defer func() { _ = recover() }()
	err = do()
	return err
}

// endOf returns why a context has ended: its own error, or which of a flow's
// limits ended it.
func endOf(ctx context.Context) error {
	switch cause := context.Cause(ctx); cause {
	case errNoCallback, ErrExpired:
		return cause
	}
	return ctx.Err()
}

// overtime returns a channel that is closed stepGrace after ctx ends. Stop
// releases its resources.
func overtime(ctx context.Context) (late <-chan struct{}, stop func()) {
	closed, stopped := make(chan struct{}), make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(stepGrace)
		defer timer.Stop()
		select {
		case <-timer.C:
			close(closed)
		case <-stopped:
		}
	})
	return closed, func() {
		cancel()
		close(stopped)
	}
}

// boundedBus is a bus whose methods return soon after their context ends, even
// if the wrapped bus ignores contexts.
type boundedBus struct{ Bus }

type loaded struct {
	value    []byte
	revision uint64
}

type subscribed struct {
	past []Message
	live Subscription
}

func (b boundedBus) Publish(ctx context.Context, m Message) error {
	_, err := bounded(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, b.Bus.Publish(ctx, m) }, nil)
	return err
}

func (b boundedBus) Subscribe(ctx context.Context, s Session) ([]Message, Subscription, error) {
	got, err := bounded(ctx, func(ctx context.Context) (subscribed, error) {
		past, live, err := b.Bus.Subscribe(ctx, s)
		return subscribed{past, live}, err
	}, func(late subscribed) { _ = late.live.Close() })
	return got.past, got.live, err
}

func (b boundedBus) Load(ctx context.Context, s Session) ([]byte, uint64, error) {
	got, err := bounded(ctx, func(ctx context.Context) (loaded, error) {
		value, revision, err := b.Bus.Load(ctx, s)
		return loaded{value, revision}, err
	}, nil)
	return got.value, got.revision, err
}

func (b boundedBus) Swap(ctx context.Context, s Session, value []byte, revision uint64) (uint64, error) {
	return bounded(ctx, func(ctx context.Context) (uint64, error) { return b.Bus.Swap(ctx, s, value, revision) }, nil)
}
