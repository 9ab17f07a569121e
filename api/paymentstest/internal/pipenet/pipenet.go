// Package pipenet is a network within a process. Connections are pipes, so that
// testing/synctest sees that goroutines wait on them.
package pipenet

import (
	"context"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
)

// Listener accepts connections that never leave the process.
type Listener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

// New returns a listener.
func New() *Listener {
	return &Listener{conns: make(chan net.Conn), done: make(chan struct{})}
}

// Accept waits for the next connection.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close refuses connections from now on.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Addr names the network.
func (l *Listener) Addr() net.Addr { return addr{} }

// Dial connects to the listener. A closed one refuses.
func (l *Listener) Dial(ctx context.Context) (net.Conn, error) {
	a, b := net.Pipe()
	reset := new(atomic.Bool)
	select {
	case l.conns <- &Conn{Conn: a, reset: reset}:
		return &Conn{Conn: b, reset: reset}, nil
	case <-l.done:
		return nil, &net.OpError{Op: "dial", Net: "memory", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type addr struct{}

func (addr) Network() string { return "memory" }
func (addr) String() string  { return "memory" }

// Conn is one end of a pipe that can be reset like a TCP connection.
type Conn struct {
	net.Conn
	reset *atomic.Bool
}

// Read reads, and fails with ECONNRESET after Reset.
func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	return n, c.explain("read", err)
}

// Write writes, and fails with ECONNRESET after Reset.
func (c *Conn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	return n, c.explain("write", err)
}

// Reset closes the connection so that the other end sees a reset.
func (c *Conn) Reset() {
	c.reset.Store(true)
	_ = c.Close()
}

func (c *Conn) explain(op string, err error) error {
	if err == nil || !c.reset.Load() {
		return err
	}
	return &net.OpError{Op: op, Net: "memory", Err: os.NewSyscallError(op, syscall.ECONNRESET)}
}
