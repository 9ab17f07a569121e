package pgbus

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/internal/sleep"
)

// How many calls one statement reads, and how many it looks at.
const (
	readSize = 128
	pollSize = 1000
)

// hub keeps the calls that this process waits for. Notifications and polls
// report calls with new events. One goroutine reads these, many calls per
// statement if necessary, and passes them to the subscriptions.
type hub struct {
	bus  *Bus
	kick chan struct{} // full when a call is queued
	look chan struct{} // full when all calls are to be checked

	mu    sync.Mutex
	ended error            // why reading has stopped
	feeds map[string]*feed // by call SID
	queue []*feed          // calls to be read
}

// feed is a call that subscriptions wait for.
type feed struct {
	call   string
	subs   []*subscription
	at     position // position of the subscriptions that are not behind
	newest int64    // the newest event announced since the last read began
	queued bool
}

func newHub(b *Bus) *hub {
	return &hub{bus: b, kick: make(chan struct{}, 1), look: make(chan struct{}, 1), feeds: make(map[string]*feed)}
}

// add registers the call of a subscription for notifications. The subscription
// is behind until it joins.
func (h *hub) add(s *subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.feeds[s.session.CallSID]
	if f == nil {
		f = &feed{call: s.session.CallSID}
		h.feeds[f.call] = f
	}
	f.subs = append(f.subs, s)
	if s.feed = f; h.ended != nil {
		s.fail(h.ended)
	}
}

func (h *hub) remove(s *subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := s.feed
	if i := slices.Index(f.subs, s); i >= 0 {
		f.subs = slices.Delete(f.subs, i, i+1)
	}
	if len(f.subs) == 0 && h.feeds[f.call] == f {
		delete(h.feeds, f.call)
	}
	s.queue = nil
}

// join lets a subscription get what the hub reads, if it has everything the hub
// has read. The first to join sets where the hub continues. The caller holds
// the lock.
func (h *hub) join(s *subscription) {
	f := s.feed
	if !f.isRead() {
		f.at = s.at
	}
	if s.at.number < f.at.number {
		return // there is more to read
	}
	s.behind = false
	if f.newest > f.at.head {
		h.enqueue(f)
	}
}

// isRead reports whether any subscription gets what is read of the call.
func (f *feed) isRead() bool {
	return slices.ContainsFunc(f.subs, func(s *subscription) bool { return !s.behind })
}

// noteEvent records that a call has an event with this number.
func (h *hub) noteEvent(call string, number int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.feeds[call]
	if f == nil {
		return
	}
	if f.newest = max(f.newest, number); f.newest > f.at.head {
		h.enqueue(f)
	}
}

func (h *hub) enqueue(f *feed) {
	if !f.queued {
		f.queued = true
		h.queue = append(h.queue, f)
	}
	full(h.kick)
}

// full fills a channel of size one.
func full(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// read reads the queued calls until the bus is closed.
func (h *hub) read() {
	for {
		select {
		case <-h.kick:
		case <-h.bus.ctx.Done():
			return
		}
		for most := firstPause; ; {
			feeds, calls, from := h.take()
			if len(feeds) == 0 {
				break
			}
			got, err := attempt(h.bus.ctx, h.bus, func(ctx context.Context, conn *pgx.Conn) ([]found, error) {
				return h.bus.readFrom(ctx, conn, calls, from)
			})
			if err == nil {
				h.deliver(feeds, from, got)
				most = firstPause
				continue
			}
			if endsAll(err) {
				h.end(explain(err))
				break
			}
			h.putBack(feeds)
			if sleep.Jittered(h.bus.ctx, most) != nil {
				return
			}
			most = min(2*most, longPause)
		}
	}
}

// take takes calls from the queue. What is read now includes every event that was
// announced before, because that happens after its commit. So nothing is read again
// for the sake of a number that does not exist: anyone can announce one, and a call
// that was forgotten starts again from 1.
func (h *hub) take() (feeds []*feed, calls []string, from []position) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.queue) > 0 && len(feeds) < readSize {
		f := h.queue[0]
		h.queue[0] = nil
		h.queue = h.queue[1:]
		if f.queued = false; f.isRead() {
			f.newest = 0
			feeds, calls, from = append(feeds, f), append(calls, f.call), append(from, f.at)
		}
	}
	return feeds, calls, from
}

func (h *hub) putBack(feeds []*feed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range feeds {
		h.enqueue(f)
	}
}

// deliver passes what was read of calls, from these positions, to their
// subscriptions.
func (h *hub) deliver(feeds []*feed, from []position, got []found) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, f := range feeds {
		if f.at != from[i] { // all have fallen behind, and one has joined again
			h.enqueue(f)
			continue
		}
		next, fresh, complete, err := f.at.advance(got[i])
		if err != nil {
			h.forget(f, err)
			continue
		}
		for _, s := range f.subs {
			for _, e := range fresh {
				s.put(e)
			}
			if !s.behind && s.at.number <= next.number {
				s.at = next
			}
		}
		if f.at = next; !complete || f.newest > next.head {
			h.enqueue(f)
		}
	}
}

// forget ends the subscriptions that get what is read of a call. Those that
// read by themselves find out by themselves; some of them have only started.
func (h *hub) forget(f *feed, err error) {
	f.subs = slices.DeleteFunc(f.subs, func(s *subscription) bool {
		if !s.behind {
			s.fail(err)
		}
		return !s.behind
	})
	f.at, f.newest = position{}, 0
	if len(f.subs) == 0 && h.feeds[f.call] == f {
		delete(h.feeds, f.call)
	}
}

// end ends all subscriptions. After Close nothing is read; after another error,
// later subscriptions are served.
func (h *hub) end(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.bus.ctx.Err() != nil {
		h.ended = err
	}
	for _, f := range h.feeds {
		for _, s := range f.subs {
			s.fail(err)
		}
	}
	h.feeds, h.queue = make(map[string]*feed), nil
}

// poll looks for events of all calls, at intervals and on request.
func (h *hub) poll() {
	every := h.bus.config.poll
	for {
		timer := time.NewTimer(every - every/16 + rand.N(every/8)) // #nosec G404 -- jitter is no secret
		select {
		case <-timer.C:
		case <-h.look:
		case <-h.bus.ctx.Done():
			timer.Stop()
			return
		}
		timer.Stop()
		for calls := range slices.Chunk(h.calls(), pollSize) {
			got, err := attempt(h.bus.ctx, h.bus, func(ctx context.Context, conn *pgx.Conn) ([]found, error) {
				return h.bus.headsOf(ctx, conn, calls)
			})
			if err != nil {
				if endsAll(err) && h.bus.ctx.Err() == nil {
					h.end(explain(err))
				}
				break
			}
			h.compare(calls, got)
		}
	}
}

func (h *hub) calls() (calls []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for call, f := range h.feeds {
		if f.isRead() {
			calls = append(calls, call)
		}
	}
	return calls
}

// compare queues calls that have something new, and ends those that were
// forgotten or never started.
func (h *hub) compare(calls []string, got []found) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, call := range calls {
		f := h.feeds[call]
		switch {
		case f == nil:
		case got[i].born != 0:
			if got[i].born != f.at.born || got[i].last != f.at.head {
				h.enqueue(f)
			}
		case f.at.born != 0:
			h.enqueue(f) // forgotten, unless it has started again
		default:
			for _, s := range f.subs {
				if time.Since(s.since) > h.bus.config.expiry {
					s.fail(flow.ErrExpired)
				}
			}
		}
	}
}
