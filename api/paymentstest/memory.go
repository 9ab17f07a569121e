package paymentstest

import (
	"context"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
)

// memoryListener accepts connections that never leave the process. They are
// pipes, so goroutines waiting on them count as blocked in testing/synctest.
type memoryListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newMemoryListener() *memoryListener {
	return &memoryListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *memoryListener) Addr() net.Addr { return memoryAddr{} }

// dial connects to the listener, or is refused when it is closed.
func (l *memoryListener) dial(ctx context.Context) (net.Conn, error) {
	a, b := net.Pipe()
	reset := new(atomic.Bool)
	select {
	case l.conns <- &memoryConn{Conn: a, reset: reset}:
		return &memoryConn{Conn: b, reset: reset}, nil
	case <-l.done:
		return nil, &net.OpError{Op: "dial", Net: "memory", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type memoryAddr struct{}

func (memoryAddr) Network() string { return "memory" }
func (memoryAddr) String() string  { return "memory" }

// memoryConn is one end of a pipe that can be reset as a TCP connection can.
type memoryConn struct {
	net.Conn
	reset *atomic.Bool
}

func (c *memoryConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	return n, c.explain("read", err)
}

func (c *memoryConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	return n, c.explain("write", err)
}

// Reset closes the connection so that the other end sees a reset.
func (c *memoryConn) Reset() {
	c.reset.Store(true)
	_ = c.Close()
}

func (c *memoryConn) explain(op string, err error) error {
	if err == nil || !c.reset.Load() {
		return err
	}
	return &net.OpError{Op: op, Net: "memory", Err: os.NewSyscallError(op, syscall.ECONNRESET)}
}
