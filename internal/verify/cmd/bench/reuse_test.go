package main

import (
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/internal/verify/cmd/bench/clients"
)

// Sixty-four goroutines make thousands of calls over the connections of the
// first moments. A few more than one each may be opened then: a goroutine that
// waits for a connection takes one that comes free before its own is there.
func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	server, err := clients.NewServer(clients.Answer)
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
