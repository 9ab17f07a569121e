package flow

import (
	"context"
	"slices"
)

// memorySubscription is a position in the messages of a call. It holds no
// messages, so an abandoned subscriber costs only itself. The bus's lock guards
// it.
type memorySubscription struct {
	bus     *Memory
	call    *memoryCall
	session Session
	seen    uint64
	ready   func() // called when there is a message; nil if Next is used
	closed  bool
}

// Next implements [Subscription].
func (s *memorySubscription) Next(ctx context.Context) (Message, error) {
	for {
		msg, found, changed, err := s.next()
		if found || err != nil {
			return msg, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Message{}, ctx.Err()
		}
	}
}

func (s *memorySubscription) next() (m Message, found bool, changed <-chan struct{}, err error) {
	s.bus.mu.Lock()
	defer s.bus.unlock()
	if m, found, err = s.take(); !found && err == nil {
		changed = s.call.line.wait()
	}
	return m, found, changed, err
}

// take returns the next message, if any. The caller holds the lock.
func (s *memorySubscription) take() (Message, bool, error) {
	if s.closed {
		return Message{}, false, ErrClosed
	}
	if held := s.call.after(s.seen, s.session); held != nil {
		s.seen = held.number
		return held.message(), true, nil
	}
	return Message{}, false, s.call.ended
}

// tryNext implements pusher.
func (s *memorySubscription) tryNext() (Message, bool, error) {
	s.bus.mu.Lock()
	defer s.bus.unlock()
	return s.take()
}

// push implements pusher.
func (s *memorySubscription) push(ready func()) {
	s.bus.mu.Lock()
	defer s.bus.unlock()
	s.ready = ready
	s.call.line.pushed = append(s.call.line.pushed, s)
}

// Close implements [Subscription].
func (s *memorySubscription) Close() error {
	s.bus.mu.Lock()
	defer s.bus.unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	line := s.call.line
	if i := slices.Index(line.pushed, s); i >= 0 {
		line.pushed = slices.Delete(line.pushed, i, i+1)
	}
	s.bus.wake(line) // for a waiting Next
	s.call.watchers--
	if s.call.ended != nil {
		return nil
	}
	if len(s.call.sessions) == 0 && s.call.watchers == 0 {
		s.bus.forget(s.call) // no session was started on it
	}
	s.bus.sort(line)
	return nil
}
