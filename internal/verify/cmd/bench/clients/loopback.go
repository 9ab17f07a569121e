package clients

import (
	"context"
	"errors"
	"net"
	"net/http"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// maxIdle is how many idle connections the transports keep that are not left
// at net/http's default of two to a host: as many as this SDK keeps.
const maxIdle = 100

// Loopback returns the clients as their users get them by default, talking to
// a server: twilio-go and the generated client with net/http's transport, this
// SDK with one set up as its own is. The floors, and twilio-go once more, keep as
// many connections as this SDK does, to tell what of a difference is the pool of
// connections and what is the client. All of them think they speak TLS.
func Loopback(addr string) ([]Client, error) {
	standard, err := transport(addr, 0)
	if err != nil {
		return nil, err
	}
	pooled, err := transport(addr, maxIdle)
	if err != nil {
		return nil, err
	}
	ours, err := NewOurs(payments.WithHTTPClient(&http.Client{Transport: pooled.Clone()}))
	if err != nil {
		return nil, err
	}
	bare, err := NewBare(standard.Clone())
	return []Client{
		NewOfficial(Official, standard), NewOfficial(Pooled, pooled.Clone()), bare, NewFloor(pooled.Clone()), NewGenerated(pooled), ours,
	}, err
}

// transport returns net/http's transport with another pool, and with plain
// connections to addr instead of TLS connections to wherever a URL points.
func transport(addr string, idlePerHost int) (*http.Transport, error) {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, errors.New("the default transport is not net/http's")
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = idlePerHost
	t.DialTLSContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, addr)
	}
	return t, nil
}
