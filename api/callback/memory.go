package callback

import (
	"context"
	"errors"
	"sync"
	"time"
)

// What a handler remembers by default. Twilio delivers at most six times,
// fifteen seconds apart; an hour leaves room for a slow network.
const (
	defaultCapacity = 100_000
	defaultMemory   = time.Hour
)

// MemoryDeduplicator remembers deliveries in the memory of one process. What is
// being worked on is remembered until it is settled; what was handled is
// forgotten after a time or, the oldest first, when there is too much of it.
// Its claims need no lease: they die with their owner.
type MemoryDeduplicator struct {
	capacity int
	memory   time.Duration

	mu      sync.Mutex
	taken   map[string]ClaimState
	handled []handledKey // oldest first
}

type handledKey struct {
	key string
	at  time.Time
}

// NewMemoryDeduplicator returns a deduplicator that remembers at most capacity
// handled deliveries, about 200 bytes each, for the given time. A handler
// without [WithDeduplicator] has one of 100000 deliveries and an hour. Several
// handlers may share one.
func NewMemoryDeduplicator(capacity int, memory time.Duration) (*MemoryDeduplicator, error) {
	if capacity < 1 || memory <= 0 {
		return nil, errors.New("callback: capacity and memory of a deduplicator must be above 0")
	}
	return &MemoryDeduplicator{capacity: capacity, memory: memory, taken: make(map[string]ClaimState)}, nil
}

// Claim implements [Deduplicator]. It never fails.
func (d *MemoryDeduplicator) Claim(_ context.Context, key string) (Claim, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.handled) > 0 && time.Since(d.handled[0].at) >= d.memory {
		d.forgetOldest()
	}
	if state, ok := d.taken[key]; ok {
		return Claim{Key: key, State: state}, nil
	}
	d.taken[key] = ClaimRunning
	return Claim{Key: key, State: ClaimGranted}, nil
}

// Settle implements [Deduplicator]. It fails when the claim is not running.
func (d *MemoryDeduplicator) Settle(_ context.Context, claim Claim, handled bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.taken[claim.Key] != ClaimRunning {
		return errors.New("callback: claim is not running")
	}
	if !handled {
		delete(d.taken, claim.Key)
		return nil
	}
	if len(d.handled) == d.capacity {
		d.forgetOldest()
	}
	d.taken[claim.Key] = ClaimHandled
	d.handled = append(d.handled, handledKey{claim.Key, time.Now()})
	return nil
}

func (d *MemoryDeduplicator) forgetOldest() {
	delete(d.taken, d.handled[0].key)
	d.handled[0] = handledKey{}
	d.handled = d.handled[1:]
}
