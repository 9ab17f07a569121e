package pipenet_test

import (
	"errors"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/pipenet"
)

// Connections deliver what is written, report a reset, and are refused by a closed
// listener.
func TestConnections(t *testing.T) {
	t.Parallel()
	l := pipenet.New()
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- conn
	}()
	client, err := l.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	server := <-accepted
	go func() { _, _ = io.WriteString(client, "hello") }()
	got := make([]byte, 5)
	if _, err := io.ReadFull(server, got); err != nil || string(got) != "hello" {
		t.Errorf("read %q, %v", got, err)
	}
	reset, is := server.(*pipenet.Conn)
	if !is {
		t.Fatalf("a connection is a %T", server)
	}
	reset.Reset()
	if _, err := client.Read(got); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("reading after a reset: %v, want %v", err, syscall.ECONNRESET)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accepting after close: %v, want net.ErrClosed", err)
	}
	if _, err := l.Dial(t.Context()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dialling after close: %v, want %v", err, syscall.ECONNREFUSED)
	}
}
