package flow_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// refusingConn is a connection that accepts no byte of a write while refusals
// is positive.
type refusingConn struct {
	net.Conn
	refusals *atomic.Int64
}

func (c refusingConn) Write(p []byte) (int, error) {
	if c.refusals.Add(-1) >= 0 {
		return 0, &net.OpError{Op: "write", Net: "memory", Err: syscall.ECONNRESET}
	}
	return c.Conn.Write(p)
}

// TestACompleteThatWasNotProcessed is sent again. If that fails too, the
// payment can be completed later, here or elsewhere: no step waits for a
// callback that cannot arrive.
func TestACompleteThatWasNotProcessed(t *testing.T) {
	t.Parallel()
	for name, refusals := range map[string]int64{"once": 1, "again and again": 4} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t)
				var left atomic.Int64
				transport := d.srv.Client().Transport.(*http.Transport).Clone()
				dial := transport.DialContext
				transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
					conn, err := dial(ctx, network, addr)
					return refusingConn{conn, &left}, err
				}
				d.client = newClient(t, d.srv, payments.WithHTTPClient(&http.Client{Transport: transport}))
				defer transport.CloseIdleConnections()
				f := d.start(noPostalCode)
				d.capture(f)
				left.Store(refusals)
				_, err := f.Complete(t.Context())
				if refusals == 1 {
					must(t, err)
				} else {
					if err == nil || errors.Is(err, flow.ErrOutcomeUnknown) || !errors.Is(err, syscall.ECONNRESET) || d.requests(paymentstest.Complete) != 0 {
						t.Fatalf("complete: %v (want %v), %d requests, want 0", err, syscall.ECONNRESET, d.requests(paymentstest.Complete))
					}
					_, err = d.resume(f).Complete(t.Context())
					must(t, err)
				}
				if d.requests(paymentstest.Complete) != 1 || len(d.srv.Charges()) != 1 {
					t.Errorf("%d requests, %d charges, want one each", d.requests(paymentstest.Complete), len(d.srv.Charges()))
				}
			})
		})
	}
}

// slowTransport simulates an unreachable network while it is on: every attempt
// fails only after 14 s.
type slowTransport struct {
	http.RoundTripper
	on    atomic.Bool
	tries atomic.Int64
}

func (t *slowTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !t.on.Load() {
		return t.RoundTripper.RoundTrip(r)
	}
	t.tries.Add(1)
	select {
	case <-time.After(14 * time.Second):
		return nil, errors.New("no route")
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// TestACompleteIsNotSentLate: Reconcile may settle a session a minute after its
// complete was claimed, so nothing may be sent after that.
func TestACompleteIsNotSentLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		transport := &slowTransport{RoundTripper: d.srv.Client().Transport}
		d.client = newClient(t, d.srv, payments.WithHTTPClient(&http.Client{Transport: transport}))
		f := d.start(noPostalCode)
		d.capture(f)
		transport.on.Store(true)
		began := time.Now()
		_, err := f.Complete(t.Context())
		if took := time.Since(began); err == nil || took > 46*time.Second || transport.tries.Load() < 3 {
			t.Errorf("after %s and %d tries: %v", took, transport.tries.Load(), err)
		}
		if d.requests(paymentstest.Complete) != 0 {
			t.Error("complete was sent")
		}
		must(t, f.Close())
	})
}
