package payments_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// writes counts the writes to a connection; each is a packet.
type writes struct {
	net.Conn
	n *atomic.Int64
}

func (w writes) Write(p []byte) (int, error) {
	w.n.Add(1)
	return w.Conn.Write(p)
}

// net/http writes the headers and the body separately unless it knows that the
// body is in memory.
func TestRequestIsOnePacket(t *testing.T) {
	t.Parallel()
	base := closingServer(t, func(_ int64, conn net.Conn) bool {
		write(conn, "201 Created", sessionJSON)
		return true
	})
	var n atomic.Int64
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		return writes{conn, &n}, err
	}}
	client := newClient(t, base, payments.WithHTTPClient(&http.Client{Transport: transport}))
	for range 3 {
		if _, err := operations["create"](context.Background(), client); err != nil {
			t.Fatal(err)
		}
	}
	if n.Load() != 3 {
		t.Errorf("3 requests were %d writes, want 3", n.Load())
	}
}

// A protocol registered with a transport may call no trace. Then it is not known
// whether it sent anything.
func TestTransportWithoutTrace(t *testing.T) {
	t.Parallel()
	transport := &http.Transport{TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{}} // no HTTP/2
	transport.RegisterProtocol("https", roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Err: net.ErrClosed}
	}))
	client := newClient(t, "https://pay.invalid", payments.WithHTTPClient(&http.Client{Transport: transport}))
	_, err := operations["complete"](context.Background(), client)
	if e := failure(t, err); e.Attempts != 1 || !e.OutcomeUnknown() {
		t.Errorf("%d (want 1) attempts, unknown %v", e.Attempts, e.OutcomeUnknown())
	}
}
