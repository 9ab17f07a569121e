package paymentstest_test

import (
	"context"
	"net"
	"os"
	"testing"
)

// TestMain gives the process a resolver of the tests' own, so that they can say
// what a name resolves to and never ask a server.
func TestMain(m *testing.M) {
	net.DefaultResolver = &net.Resolver{
		PreferGo: true,
		Dial: func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go resolve(theirs)
			return ours, nil
		},
	}
	os.Exit(m.Run())
}
