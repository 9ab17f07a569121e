package paymentstest

import (
	"net/url"
	"strconv"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// mailbox holds the callbacks of a session that are to be delivered.
type mailbox struct {
	letters int
	queue   []*letter
	held    []*letter // to follow the next one
	running bool      // a goroutine delivers
}

// mail makes a callback and puts it where its delivery says.
func (s *Server) mail(sess *session, target string, form url.Values) {
	box := &sess.mail
	box.letters++
	key, _ := s.config.credentials.tokenOf(sess.accountSID)
	l := &letter{
		time: s.now(), url: target, form: form,
		token: uuid(s.derive(32, "callback", sess.sid, strconv.Itoa(box.letters))),
		key:   key,
	}
	l.number = s.letters.add(l, l.size())
	for rule := range s.armedRules.then(s.rule) {
		if rule == nil {
			continue
		}
		if l.delivery = rule(l.callback()); l.delivery != (Delivery{}) {
			break
		}
	}
	s.callbackMade(sess, l)
	last := sess.finished
	switch d := l.delivery; {
	case d.never:
	case d.delay > 0:
		s.work.add(1 + d.extra)
		s.config.clock.AfterFunc(d.delay, func() {
			s.work.spawn(func() { s.send(l, 1+d.extra) })
		})
	case d.hold && !last:
		box.held = append(box.held, l)
		return
	default:
		s.enqueue(box, l)
	}
	for _, held := range box.held {
		s.enqueue(box, held)
	}
	box.held = nil
}

func (s *Server) enqueue(box *mailbox, l *letter) {
	s.work.add(1 + l.delivery.extra)
	box.queue = append(box.queue, l)
}

// deliver starts delivering what is in the session's mailbox, one callback
// after the other. The caller holds the lock.
func (s *Server) deliver(sess *session) {
	box := &sess.mail
	if box.running || len(box.queue) == 0 {
		return
	}
	box.running = s.work.spawn(func() {
		for {
			s.mu.Lock()
			if len(box.queue) == 0 {
				box.running = false
				s.mu.Unlock()
				return
			}
			l := box.queue[0]
			box.queue = box.queue[1:]
			s.mu.Unlock()
			s.send(l, 1+l.delivery.extra)
		}
	})
}

// send delivers a callback so many times.
func (s *Server) send(l *letter, times int) {
	for range times {
		_, _ = s.post(s.ctx, l) // the attempts say how it went
		s.work.done()
	}
}

// stamp returns the date of a session's next callback. Each is at least a
// millisecond after the one before, as the keys of a telephone are.
func (s *Server) stamp(sess *session) string {
	t := s.now()
	if next := sess.stamped.Add(time.Millisecond); t.Before(next) {
		t = next
	}
	sess.stamped = t
	return callbackTime(t)
}

// callbackTime writes a date as callbacks do, by ISO 8601 with milliseconds.
func callbackTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func uuid(hex string) string {
	return hex[:8] + "-" + hex[8:12] + "-" + hex[12:16] + "-" + hex[16:20] + "-" + hex[20:32]
}

// join writes a list of captures as callbacks do.
func join(captures []payments.Capture) string {
	var text []byte
	for i, c := range captures {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, c...)
	}
	return string(text)
}
