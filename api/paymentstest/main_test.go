package paymentstest_test

import (
	"context"
	"net"
	"os"
	"testing"
)

// TestMain replaces the process's resolver, so that tests choose what a name resolves
// to and never query a server.
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
