package natsbus

import (
	"sync"

	"github.com/nats-io/nats.go"
)

// link says when the connection to a server was lost or made again. Responses to
// what was asked for before do not come any more, and a consumer may have missed
// messages.
type link struct {
	mu      sync.Mutex
	changed chan struct{} // closed at the next change
}

// watch follows a connection until it is closed for good or stop is called.
func watch(nc *nats.Conn) (l *link, stop func()) {
	l = &link{changed: make(chan struct{})}
	events := nc.StatusChanged(nats.CLOSED, nats.RECONNECTING, nats.CONNECTED)
	go func() {
		for status := range events {
			if l.change(); status == nats.CLOSED {
				return
			}
		}
	}()
	return l, func() { nc.RemoveStatusListener(events) }
}

// next returns what is closed at the next change.
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
}
