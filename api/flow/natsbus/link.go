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

// link watches the connection. When the connection is lost or the server
// refuses a subject, it fails the affected requests at once instead of letting
// them wait for a response that cannot arrive.
type link struct {
	done  chan struct{} // closed when the link is no longer needed
	inbox string        // prefix of the subjects of responses

	mu          sync.Mutex
	changed     chan struct{} // closed when the connection is lost or restored
	unreachable error         // why no request gets a response over this connection
	waiting     map[*inFlight]struct{}
}

// inFlight is a request that waits for its response.
type inFlight struct {
	subjects []string   // prefixes of the subjects it sends to
	refused  chan error // why no response will arrive
}

// watch follows a connection until it is closed permanently or the link is
// done. The client may be dialing, which delays the change of its error handler:
// watch waits for that only until ctx ends.
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
	installed := make(chan struct{})
	go func() {
		defer close(installed)
		l.handleErrors(nc)
	}()
	select {
	case <-installed:
	case <-ctx.Done():
	}
	return l
}

// handlers is held while a connection's error handler is changed.
var handlers sync.Mutex

// handleErrors installs an error handler that passes refusals to the link, and then
// calls the connection's own handler.
func (l *link) handleErrors(nc *nats.Conn) {
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

// next returns a channel that is closed at the next change of the connection.
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
	l.unreachable = nil
}

// begin registers a request to subjects with these prefixes.
func (l *link) begin(subjects []string) (r *inFlight, changed <-chan struct{}) {
	r = &inFlight{subjects: subjects, refused: make(chan error, 1)}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting[r] = struct{}{}
	if l.unreachable != nil {
		r.refused <- l.unreachable
	}
	return r, l.changed
}

func (l *link) end(r *inFlight) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.waiting, r)
}

// refusal matches a server's message about a missing permission.
var refusal = regexp.MustCompile(`(?i)violation for (publish|subscription) to "([^"]+)"`)

// PermissionError names a NATS permission that the bus needs and does not have.
// The package documentation lists all of them.
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

// refuse fails the requests that a missing permission affects. Without
// permission to subscribe to the inbox no request gets a response.
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
		l.unreachable = e // the client subscribes once for all requests
	}
	for r := range l.waiting {
		if l.unreachable != nil || slices.ContainsFunc(r.subjects, func(s string) bool { return strings.HasPrefix(e.Subject, s) }) {
			select {
			case r.refused <- e:
			default:
			}
		}
	}
}
