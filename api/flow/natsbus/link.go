package natsbus

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
)

// link knows what becomes of the connection. It tells requests under way at once
// that no response will come, because the connection was lost or the server
// refused a subject, instead of letting them wait for one.
type link struct {
	done  chan struct{} // closed when it is not needed any more
	inbox string        // what subjects of responses begin with

	mu      sync.Mutex
	changed chan struct{} // closed when the connection is lost or made again
	deaf    error         // why no request has a response over this connection
	waiting map[*inFlight]struct{}
}

// inFlight is a request that waits for its response.
type inFlight struct {
	subjects []string   // beginnings of what it sends to
	refused  chan error // why there will be no response
}

// watch follows a connection until it is closed for good or the link is done. It
// takes its time where the client is dialling, and does not wait for that.
func watch(ctx context.Context, nc *nats.Conn) *link {
	inbox, _, _ := strings.Cut(nc.NewInbox(), ".")
	l := &link{done: make(chan struct{}), inbox: inbox + ".", changed: make(chan struct{}), waiting: make(map[*inFlight]struct{})}
	go func() {
		events := nc.StatusChanged(nats.CLOSED, nats.RECONNECTING, nats.CONNECTED)
		defer nc.RemoveStatusListener(events)
		for {
			select {
			case status := <-events:
				if l.change(); status == nats.CLOSED {
					return
				}
			case <-l.done:
				return
			}
		}
	}()
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		l.hear(nc)
	}()
	select {
	case <-heard:
	case <-ctx.Done():
	}
	return l
}

// handlers is held while the handler of a connection is changed.
var handlers sync.Mutex

// hear has the link hear of what a server refuses, before the handler that the
// connection has.
func (l *link) hear(nc *nats.Conn) {
	handlers.Lock()
	defer handlers.Unlock()
	before := nc.ErrorHandler()
	nc.SetErrorHandler(func(nc *nats.Conn, sub *nats.Subscription, err error) {
		l.refuse(err)
		if before != nil {
			before(nc, sub, err)
		}
	})
}

// next returns what is closed at the next change of the connection.
func (l *link) next() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.changed
}

func (l *link) change() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.changed)
	l.changed = make(chan struct{})
	l.deaf = nil
}

// begin notes a request to subjects that begin so.
func (l *link) begin(subjects []string) (r *inFlight, changed <-chan struct{}) {
	r = &inFlight{subjects: subjects, refused: make(chan error, 1)}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting[r] = struct{}{}
	if l.deaf != nil {
		r.refused <- l.deaf
	}
	return r, l.changed
}

func (l *link) end(r *inFlight) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.waiting, r)
}

// refusal is how a server says that a permission is missing.
var refusal = regexp.MustCompile(`(?i)violation for (publish|subscription) to "([^"]+)"`)

// PermissionError says which permission of NATS the bus needs and does not have.
// All of them are listed in the package documentation.
type PermissionError struct {
	Action  string // "publish" or "subscribe"
	Subject string // of NATS
	cause   error
}

// Error returns action and subject.
func (e *PermissionError) Error() string {
	return "natsbus: no permission to " + e.Action + " to " + e.Subject
}

// Unwrap returns the client's error, which is nats.ErrPermissionViolation.
func (e *PermissionError) Unwrap() error { return e.cause }

// refuse tells the requests that a missing permission is about. Without the
// permission to subscribe to the inbox no request has a response.
func (l *link) refuse(err error) {
	if !errors.Is(err, nats.ErrPermissionViolation) {
		return
	}
	match := refusal.FindStringSubmatch(err.Error())
	if match == nil {
		return
	}
	e := &PermissionError{Action: "publish", Subject: match[2], cause: err}
	if strings.EqualFold(match[1], "subscription") {
		e.Action = "subscribe"
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.Action == "subscribe" && strings.HasPrefix(e.Subject, l.inbox) {
		l.deaf = e // the client subscribes once for all requests
	}
	for r := range l.waiting {
		if l.deaf != nil || slices.ContainsFunc(r.subjects, func(s string) bool { return strings.HasPrefix(e.Subject, s) }) {
			select {
			case r.refused <- e:
			default:
			}
		}
	}
}
