package callback

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Deduplicator remembers deliveries, so that one that comes again, at the same
// time or later, on this machine or another, is not handled twice. Its methods
// are called from many goroutines at once.
//
// The key is [Event.DeliveryID], 64 hexadecimal digits: a digest of what Twilio
// signed. No header of the request is part of it.
//
// A store shared by many machines fits: with Redis, Claim is one
// SET key "running" NX GET PX lease, and Settle is SET key "handled" PX memory,
// or DEL.
type Deduplicator interface {
	// Claim takes key for the caller unless it is taken, in one atomic step,
	// and says which. A claim whose owner died should end by itself after a
	// lease, longer than any delivery is worked on.
	//
	// When Claim fails, the function is not called and the response is 500.
	Claim(ctx context.Context, key string) (Claim, error)

	// Settle ends a claim that Claim granted. A handled key stays taken, for as
	// long as Twilio may deliver again; one that is not handled is free at once
	// for the next delivery. It is called once for every granted claim, also
	// after the time of the delivery is over, with a context of 5 s of its own.
	//
	// When Settle fails, that is logged and the response stays what it was.
	Settle(ctx context.Context, claim Claim, handled bool) error
}

// Claim is the result of a claim.
type Claim struct {
	// Key is what was claimed.
	Key string
	// State says whether the caller may go on.
	State ClaimState
	// Fence is for the store's own use; it comes back in Settle. A store whose
	// claims expire puts a random value here, to settle no claim but its own.
	Fence string
}

// ClaimState is what a claim found.
type ClaimState int

const (
	// ClaimGranted is a key that was free and now belongs to the caller.
	ClaimGranted ClaimState = iota + 1
	// ClaimRunning is a key that another delivery is working on. Whether it
	// succeeds is not known yet, so the response is 503 and not 204: were
	// it 204 and the other then failed, the event would be lost.
	ClaimRunning
	// ClaimHandled is a key that was handled; the response is 204.
	ClaimHandled
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
		return nil, errors.New("callback: NewMemoryDeduplicator: capacity and memory must be above 0")
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
