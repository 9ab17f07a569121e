package bustest

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

func records(b *bench) {
	s := newSession()
	if value, revision, err := b.here.Load(b.context(), s); value != nil || revision != 0 || err != nil {
		b.Fatalf("record %q, revision %d, %v, want none", value, revision, err)
	}
	value := []byte("first")
	first, err := b.here.Swap(b.context(), s, value, 0)
	b.must(err)
	copy(value, "wrong") // it belongs to the caller again
	b.record(b.here, s, "first", first)
	if first == 0 {
		b.Fatal("the revision of a record is 0")
	}
	b.conflict(b.there, s, 0)
	second, err := b.there.Swap(b.context(), s, []byte("second"), first)
	b.must(err)
	b.conflict(b.here, s, first)
	b.conflict(b.here, s, second+1)
	b.record(b.here, s, "second", second)
	b.record(b.there, s, "second", second)
	b.conflict(b.here, newSession(), 1) // it has no record to change
}

// record waits until Load returns a record: it may lag behind.
func (b *bench) record(bus flow.Bus, s flow.Session, want string, revision uint64) {
	b.Helper()
	for {
		value, got, err := bus.Load(b.context(), s)
		b.must(err)
		if string(value) == want && got == revision {
			return
		}
		if b.Context().Err() != nil || got > revision {
			b.Fatalf("record %q, revision %d, want %q, %d", value, got, want, revision)
		}
	}
}

func (b *bench) conflict(bus flow.Bus, s flow.Session, revision uint64) {
	b.Helper()
	if _, err := bus.Swap(b.context(), s, []byte("too late"), revision); !errors.Is(err, flow.ErrConflict) {
		b.Errorf("swap at revision %d: %v, want ErrConflict", revision, err)
	}
}

func contention(b *bench) {
	const rounds, rivals = 10, 8
	s := newSession()
	var revision uint64
	for round := range rounds {
		var wins, losses atomic.Int32
		var next atomic.Uint64
		var all sync.WaitGroup
		for rival := range rivals {
			bus := b.here
			if rival%2 == 1 {
				bus = b.there
			}
			all.Go(func() {
				won, err := bus.Swap(b.context(), s, []byte(strconv.Itoa(round*rivals+rival)), revision)
				switch {
				case err == nil:
					wins.Add(1)
					next.Store(won)
				case errors.Is(err, flow.ErrConflict):
					losses.Add(1)
				default:
					b.Error(err)
				}
			})
		}
		all.Wait()
		if wins.Load() != 1 || losses.Load() != rivals-1 {
			b.Fatalf("round %d: %d won and %d lost, want 1 and %d", round, wins.Load(), losses.Load(), rivals-1)
		}
		revision = next.Load()
	}
}

func contexts(b *bench) {
	s := newSession()
	ctx, cancel := context.WithCancel(b.Context())
	cancel()
	m := messages(s, 1)[0]
	_, _, subscribeErr := b.here.Subscribe(ctx, s)
	_, _, loadErr := b.here.Load(ctx, s)
	_, swapErr := b.here.Swap(ctx, s, []byte("value"), 0)
	for name, err := range map[string]error{
		"Publish": b.here.Publish(ctx, m), "Subscribe": subscribeErr, "Load": loadErr, "Swap": swapErr,
	} {
		if !errors.Is(err, context.Canceled) {
			b.Errorf("%s: %v, want context.Canceled", name, err)
		}
	}
}
