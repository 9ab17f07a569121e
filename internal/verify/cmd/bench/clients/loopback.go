package clients

import (
	"context"
	"errors"
	"net"
	"net/http"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// maxIdle is how many idle connections the transports keep, where net/http's
// default of two per host is replaced: as many as this SDK keeps.
const maxIdle = 100

// Loopback returns the clients as users get them by default, connected to a
// server: twilio-go and the generated client with net/http's transport, this
// SDK with a transport configured like its own. The floors and a second
// twilio-go keep as many connections as this SDK does, which separates the
// effect of the connection pool from that of the client. All of them use https
// URLs.
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

// transport returns net/http's transport with another pool. It opens plain
// connections to addr instead of TLS connections to the URL's host.
func transport(addr string, idlePerHost int) (*http.Transport, error) {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, errors.New("http.DefaultTransport is not an *http.Transport")
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = idlePerHost
	t.DialTLSContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, addr)
	}
	return t, nil
}
