package main

import (
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/internal/verify/cmd/bench/clients"
)

// Sixty-four goroutines make thousands of calls over the connections opened at
// the start. A few more than one each may be opened: a goroutine that waits for
// a new connection takes one that becomes free first.
func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	server, err := clients.NewServer(clients.Session)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	client, err := clients.NewOurs(payments.WithBaseURL("http://" + server.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	const goroutines, calls = 64, 64 * 100
	if err := spread(calls, goroutines, client.Create); err != nil {
		t.Fatal(err)
	}
	if got := server.Connections(); got > 2*goroutines {
		t.Errorf("%d connections for %d calls from %d goroutines", got, calls, goroutines)
	}
}
