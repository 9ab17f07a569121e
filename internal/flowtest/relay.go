package flowtest

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Relay accepts connections to a server and can fall silent, like a machine that
// freezes or a network that drops packets: connections stay open, new ones are
// accepted, but no data passes.
type Relay struct {
	listener net.Listener

	mu      sync.Mutex
	changed *sync.Cond
	silent  bool
	ended   bool
}

// NewRelay returns a relay on a free port of 127.0.0.1, which calls serve for
// each connection. It ends with the test.
func NewRelay(tb testing.TB, serve func(r *Relay, client net.Conn)) *Relay {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	Must(tb, err)
	r := &Relay{listener: l}
	r.changed = sync.NewCond(&r.mu)
	tb.Cleanup(r.end)
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = client.Close() }()
				serve(r, client)
			}()
		}
	}()
	return r
}

// Addr returns the address that clients connect to.
func (r *Relay) Addr() string { return r.listener.Addr().String() }

// Silence lets no data pass from now on, or lets it pass again.
func (r *Relay) Silence(silent bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.silent = silent
	r.changed.Broadcast()
}

// Pass waits while the relay is silent, and reports whether data may pass.
func (r *Relay) Pass() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.silent && !r.ended {
		r.changed.Wait()
	}
	return !r.ended
}

// Writer returns a writer that passes data on to w while the relay is not silent.
func (r *Relay) Writer(w io.Writer) io.Writer { return relayWriter{w, r} }

type relayWriter struct {
	to    io.Writer
	relay *Relay
}

func (w relayWriter) Write(b []byte) (int, error) {
	if !w.relay.Pass() {
		return 0, io.ErrClosedPipe
	}
	return w.to.Write(b)
}

func (r *Relay) end() {
	_ = r.listener.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	r.changed.Broadcast()
}
