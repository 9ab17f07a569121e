package paymentstest

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
)

// delivery brings callbacks to the application: it queues and posts them, retries,
// and remembers how it went. It knows nothing of the rules of Twilio or of requests.
type delivery struct {
	config  *config
	work    *work
	journal *journal
	report  *reporter
	sender  *http.Client // for sockets
	rules   *rules[func(Callback) Delivery]
	// ignoreOverrides is the assumption IgnoreConnectionOverrides.
	ignoreOverrides atomic.Bool

	mu       sync.Mutex
	made     history[*outgoing]
	handMade int                       // how many
	queues   map[string]*callbackQueue // of payment sessions, unless empty
	mounts   []*mount
}

func newDelivery(c *config, w *work, j *journal, r *reporter) *delivery {
	d := &delivery{config: c, work: w, journal: j, report: r, sender: newSender(c), queues: map[string]*callbackQueue{}}
	d.rules = newRules(j, targetCallback, c.rule)
	d.made.count, d.made.budget = c.history, c.historyBytes/historyLists
	return d
}

// close cuts the connections.
func (d *delivery) close() {
	d.mu.Lock()
	mounts := slices.Clone(d.mounts)
	d.mu.Unlock()
	for _, m := range mounts {
		m.close()
	}
	d.sender.CloseIdleConnections()
}

// add makes a callback of an effect and returns it with its entry in the journal.
// Its delivery needs enqueue and start.
func (d *delivery) add(from origin, v core.Callback) *outgoing {
	key, _ := d.config.credentials.tokenOf(v.AccountSID)
	o := &outgoing{time: from.at, url: v.URL, form: v.Form, token: v.Token, key: key}
	d.mu.Lock()
	defer d.mu.Unlock()
	o.number = d.made.add(o, o.size())
	o.entry = d.journal.emit(from, KindCallbackMade, v.CallSID, v.SID, o)
	return o
}

// callbackQueue has the callbacks of a session to deliver, one after the other.
type callbackQueue struct {
	waiting []*outgoing
	held    []*outgoing // until after the next one
	running bool        // a goroutine delivers
}

// find returns a callback by its number, nil if it is not kept.
func (d *delivery) find(number int) *outgoing {
	d.mu.Lock()
	defer d.mu.Unlock()
	if i := number - d.made.dropped - 1; i >= 0 && i < d.made.length {
		return d.made.at(i)
	}
	return nil
}

// enqueue asks the rules how to deliver a callback, and queues it accordingly. Last
// is set for the last callback of a session.
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

// choose asks the rules until one returns a Delivery other than the zero one.
func (d *delivery) choose(o *outgoing) Delivery {
	for _, rule := range d.rules.inOrder() {
		if rule == nil {
			continue
		}
		if way := rule(d.callback(o)); way != (Delivery{}) {
			d.emit(o, o.entry, KindFaultFired, &FaultEntry{Target: targetCallback, Name: way.String(), Callback: o.number})
			return way
		}
	}
	return Delivery{}
}

// start delivers what is in the queue of a session, unless a goroutine already
// does.
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

// next takes the next callback from a queue. It returns nil and ends the delivery if
// there is none.
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

// forget drops an empty queue.
func (d *delivery) forget(sid string, q *callbackQueue) {
	if len(q.held) == 0 {
		delete(d.queues, sid)
	}
}

// send delivers a callback as many times as it says.
func (d *delivery) send(o *outgoing, times int) {
	for range times {
		_, _ = d.post(d.work.ctx, o) // the attempts have the result
		d.work.done()
	}
}

// callback returns a callback with its attempts so far.
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

// left describes what remains to be done, as far as the delivery knows.
func (d *delivery) left() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var waiting []*outgoing
	for o := range d.made.all() {
		if len(o.attempts) == 0 && !o.delivery.never {
			waiting = append(waiting, o)
		}
	}
	if len(waiting) == 0 {
		return "a request, a caller or a callback is still at work"
	}
	first := waiting[0]
	return fmt.Sprintf("%d callbacks are not delivered, the first of them number %d to %s", len(waiting), first.number, withoutQuery(first.url))
}
