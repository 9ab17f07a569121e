package callback

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Deduplicator remembers deliveries, so that a repeated one is not handled twice,
// whether it arrives at the same time or later, on this machine or another. Its
// methods are called from many goroutines at once.
//
// The key is [Event.DeliveryID], 64 hexadecimal digits: a digest of what Twilio
// signed. It includes no header.
//
// Many machines need a shared store. With Redis, Claim is one command,
// SET key "running" NX GET PX lease, and Settle is SET key "handled" PX memory,
// or DEL.
type Deduplicator interface {
	// Claim takes a free key for the caller, in one atomic step, and reports
	// whether it did. A claim whose owner died should expire after a lease that is
	// longer than any delivery takes.
	//
	// When Claim fails, the function is not called and the response is 500.
	Claim(ctx context.Context, key string) (Claim, error)

	// Settle ends a claim that Claim granted. A handled key stays taken for as
	// long as Twilio may deliver again; a key that was not handled is free for the
	// next delivery at once. It is called once for every granted claim, even after
	// the delivery has timed out, with its own context of 5 s.
	//
	// When Settle fails, the failure is logged; the response does not change.
	Settle(ctx context.Context, claim Claim, handled bool) error
}

// Claim is the result of a claim.
type Claim struct {
	// Key is the claimed key.
	Key string
	// State says whether the caller may handle the delivery.
	State ClaimState
	// Fence is for the store's own use; Settle gets it back. A store whose claims
	// expire puts a random value here, so that Settle cannot end a newer claim.
	Fence string
}

// ClaimState is what a claim found.
type ClaimState int

const (
	// ClaimGranted means that the key was free and now belongs to the caller.
	ClaimGranted ClaimState = iota + 1
	// ClaimRunning means that another delivery of the event is being handled. The
	// response is 503, because the event would be lost if it were 204 and the
	// other delivery then failed.
	ClaimRunning
	// ClaimHandled means that the event was handled; the response is 204.
	ClaimHandled
)

// What a handler remembers by default. Twilio delivers an event at most six
// times, fifteen seconds apart; an hour leaves room for a slow network.
const (
	defaultCapacity = 100_000
	defaultMemory   = time.Hour
)

// MemoryDeduplicator remembers deliveries in the memory of one process. Running
// ones are remembered until they are settled. Handled ones are forgotten after a
// time, or the oldest first when there are too many. Claims need no lease, because
// they die with the process.
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
// handled deliveries, about 200 bytes each, for the duration memory. Both must be
// above 0. Several handlers may share one. A handler without [WithDeduplicator]
// has one of 100000 deliveries and one hour.
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

// Settle implements [Deduplicator]. It fails if the claim is not running.
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
