package paymentstest

import (
	"slices"
	"sync"
)

// delivery knows all callbacks and their way to the application. Its lock is
// below the server's: it may be taken while the latter is held, and not the other
// way round.
type delivery struct {
	mu     sync.Mutex
	made   history[*outgoing]
	queues map[string]*callbackQueue // of payment sessions, while there is something in them
	mounts []*mount
}

// callbackQueue has the callbacks of a session that are to be delivered, one after
// the other.
type callbackQueue struct {
	waiting []*outgoing
	held    []*outgoing // to follow the next one
	running bool        // a goroutine delivers
}

// find returns a callback by its number, nil when it is not kept.
func (d *delivery) find(number int) *outgoing {
	d.mu.Lock()
	defer d.mu.Unlock()
	if i := number - d.made.dropped - 1; i >= 0 && i < d.made.length {
		return d.made.at(i)
	}
	return nil
}

// enqueue asks the test how to deliver a callback, and puts it where it says. Last
// is set on the last callback of a session.
func (s *Server) enqueue(sid string, o *outgoing, last bool) {
	way := s.chooseDelivery(o)
	d := &s.delivery
	d.mu.Lock()
	defer d.mu.Unlock()
	o.delivery = way
	q := d.queues[sid]
	if q == nil {
		q = &callbackQueue{}
		d.queues[sid] = q
	}
	switch {
	case way.never:
	case way.delay > 0:
		s.work.add(1 + way.extra)
		s.config.clock.AfterFunc(way.delay, func() {
			s.work.spawn(func() { s.send(o, 1+way.extra) })
		})
	case way.hold && !last:
		q.held = append(q.held, o)
		return
	default:
		s.push(q, o)
	}
	for _, held := range q.held {
		s.push(q, held)
	}
	q.held = nil
}

func (s *Server) push(q *callbackQueue, o *outgoing) {
	s.work.add(1 + o.delivery.extra)
	q.waiting = append(q.waiting, o)
}

// chooseDelivery asks the armed rules and that of the server, until one gives
// another Delivery than the zero one.
func (s *Server) chooseDelivery(o *outgoing) Delivery {
	s.mu.Lock()
	rules := slices.Collect(s.armedRules.then(s.rule))
	s.mu.Unlock()
	for _, rule := range rules {
		if rule == nil {
			continue
		}
		if way := rule(s.callbackAsMade(o)); way != (Delivery{}) {
			s.faultFired(o.entry, o.form.Get("CallSid"), o.form.Get("Sid"), FaultEntry{Target: "callback", Name: way.String(), Callback: o.number})
			return way
		}
	}
	return Delivery{}
}

// startDelivery delivers what is in the queue of a session, unless that goes on
// already.
func (s *Server) startDelivery(sid string) {
	d := &s.delivery
	d.mu.Lock()
	defer d.mu.Unlock()
	q := d.queues[sid]
	if q == nil || q.running {
		return
	}
	if len(q.waiting) == 0 {
		d.forget(sid, q)
		return
	}
	q.running = s.work.spawn(func() {
		for o := s.next(sid, q); o != nil; o = s.next(sid, q) {
			s.send(o, 1+o.delivery.extra)
		}
	})
}

// next takes the next callback from a queue, and ends its delivery when there is
// none.
func (s *Server) next(sid string, q *callbackQueue) *outgoing {
	d := &s.delivery
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(q.waiting) == 0 {
		q.running = false
		d.forget(sid, q)
		return nil
	}
	o := q.waiting[0]
	q.waiting = q.waiting[1:]
	return o
}

// forget drops a queue that has nothing in it.
func (d *delivery) forget(sid string, q *callbackQueue) {
	if len(q.held) == 0 {
		delete(d.queues, sid)
	}
}

// send delivers a callback so many times.
func (s *Server) send(o *outgoing, times int) {
	for range times {
		_, _ = s.post(s.ctx, o) // the attempts say how it went
		s.work.done()
	}
}

func (s *Server) callbackAsMade(o *outgoing) Callback {
	s.delivery.mu.Lock()
	defer s.delivery.mu.Unlock()
	return o.callback()
}
