package flow_test

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// sequence records steps in order, from several goroutines.
type sequence struct {
	mu  sync.Mutex
	log []string
}

func (s *sequence) add(step string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, step)
}

func (s *sequence) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

var errDown = errors.New("the bus is down")

// spyBus is a bus that records its calls and can be made to fail.
type spyBus struct {
	flow.Bus
	mu   sync.Mutex
	fail func(method string) error
	log  []string
	open int // open subscriptions
}

func newSpyBus(bus flow.Bus) *spyBus { return &spyBus{Bus: bus} }

// failWith makes calls fail with what f returns; nil lets them pass.
func (b *spyBus) failWith(f func(method string) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fail = f
}

// failOn makes calls of methods fail with err, or all calls if none is named.
func (b *spyBus) failOn(err error, methods ...string) {
	b.failWith(func(method string) error {
		if len(methods) == 0 || slices.Contains(methods, method) {
			return err
		}
		return nil
	})
}

func (b *spyBus) note(method string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.log = append(b.log, method)
	if b.fail == nil {
		return nil
	}
	return b.fail(method)
}

// count returns how often a method was called.
func (b *spyBus) count(method string) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.log {
		if m == method {
			n++
		}
	}
	return n
}

func (b *spyBus) Publish(ctx context.Context, m flow.Message) error {
	if err := b.note("publish"); err != nil {
		return err
	}
	return b.Bus.Publish(ctx, m)
}

func (b *spyBus) Subscribe(ctx context.Context, s flow.Session) ([]flow.Message, flow.Subscription, error) {
	if err := b.note("subscribe"); err != nil {
		return nil, nil, err
	}
	past, live, err := b.Bus.Subscribe(ctx, s)
	if err == nil {
		b.opened(1)
		live = &spySubscription{Subscription: live, closed: sync.OnceFunc(func() { b.opened(-1) })}
	}
	return past, live, err
}

func (b *spyBus) opened(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open += n
}

// subscriptions returns how many are open.
func (b *spyBus) subscriptions() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open
}

type spySubscription struct {
	flow.Subscription
	closed func()
}

func (s *spySubscription) Close() error {
	s.closed()
	return s.Subscription.Close()
}

func (b *spyBus) Load(ctx context.Context, s flow.Session) ([]byte, uint64, error) {
	if err := b.note("load"); err != nil {
		return nil, 0, err
	}
	return b.Bus.Load(ctx, s)
}

func (b *spyBus) Swap(ctx context.Context, s flow.Session, value []byte, revision uint64) (uint64, error) {
	if err := b.note("swap"); err != nil {
		return 0, err
	}
	revision, err := b.Bus.Swap(ctx, s, value, revision)
	if after := b.note("swapped"); err == nil {
		err = after // the write succeeded, but its response is lost
	}
	return revision, err
}

func (b *spyBus) List(ctx context.Context, q flow.ListQuery) (flow.ListPage, error) {
	if err := b.note("list"); err != nil {
		return flow.ListPage{}, err
	}
	return b.Bus.List(ctx, q)
}

// replace replaces the wrapped bus.
func (b *spyBus) replace(bus flow.Bus) { b.Bus = bus }
