package paymentstest

import (
	"context"
	"net/http"
	"sync"
)

// delivery brings callbacks to the application: it queues and posts them, tries
// again, and remembers how it went. It knows nothing of the rules of Twilio and of
// requests. Its lock is below the server's: it may be taken while the latter is
// held, and not the other way round.
type delivery struct {
	ctx     context.Context // done when the server closes
	config  *config         // what never changes of it
	work    *work
	journal *journal
	sender  *http.Client // for sockets
	// rules are those of the test for deliveries, in the order to ask them;
	// ignoresOverrides is the assumption of that name.
	rules            func() []func(Callback) Delivery
	ignoresOverrides func() bool
	// observe reports an attempt to the test, log writes it to the log.
	observe func(o *outgoing, status int, err error)
	log     func(o *outgoing, a DeliveryAttempt)

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
func (d *delivery) enqueue(sid string, o *outgoing, last bool) {
	way := d.choose(o)
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
		d.work.add(1 + way.extra)
		d.config.clock.AfterFunc(way.delay, func() {
			d.work.spawn(func() { d.send(o, 1+way.extra) })
		})
	case way.hold && !last:
		q.held = append(q.held, o)
		return
	default:
		d.push(q, o)
	}
	for _, held := range q.held {
		d.push(q, held)
	}
	q.held = nil
}

func (d *delivery) push(q *callbackQueue, o *outgoing) {
	d.work.add(1 + o.delivery.extra)
	q.waiting = append(q.waiting, o)
}

// choose asks the rules until one gives another Delivery than the zero one.
func (d *delivery) choose(o *outgoing) Delivery {
	for _, rule := range d.rules() {
		if rule == nil {
			continue
		}
		if way := rule(d.callback(o)); way != (Delivery{}) {
			d.emit(o, o.entry, KindFaultFired, &FaultEntry{Target: "callback", Name: way.String(), Callback: o.number})
			return way
		}
	}
	return Delivery{}
}

// start delivers what is in the queue of a session, unless that goes on
// already.
func (d *delivery) start(sid string) {
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
	q.running = d.work.spawn(func() {
		for o := d.next(sid, q); o != nil; o = d.next(sid, q) {
			d.send(o, 1+o.delivery.extra)
		}
	})
}

// next takes the next callback from a queue, and ends its delivery when there is
// none.
func (d *delivery) next(sid string, q *callbackQueue) *outgoing {
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
func (d *delivery) send(o *outgoing, times int) {
	for range times {
		_, _ = d.post(d.ctx, o) // the attempts say how it went
		d.work.done()
	}
}

// callback is the callback as it stands.
func (d *delivery) callback(o *outgoing) Callback {
	d.mu.Lock()
	defer d.mu.Unlock()
	return o.callback()
}

// emit adds an entry of the journal about a callback.
func (d *delivery) emit(o *outgoing, cause int64, kind EntryKind, part recordPart) int64 {
	from := origin{at: d.config.clock.Now(), cause: cause}
	return d.journal.emit(from, kind, wellFormed(o.form.Get("CallSid")), wellFormed(o.form.Get("Sid")), part)
}

func (d *delivery) attempted(o *outgoing, cause int64, kind EntryKind, a AttemptEntry) int64 {
	a.Callback, a.URL = o.number, o.url
	return d.emit(o, cause, kind, &a)
}
