package natsbus_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
)

// TestASilentServer stops responding while a caller is being asked. Steps
// continue over another one within ten seconds.
func TestASilentServer(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	first, second := newProxy(t, s), newProxy(t, s)
	nc, err := natsbus.Connect(first.url()+","+second.url(), nats.DontRandomize(), nats.IgnoreDiscoveredServers())
	must(t, err)
	t.Cleanup(nc.Close)
	bus := newBus(t, nc, natsbus.WithKey(key))
	receiver := newBus(t, connect(t, s), natsbus.WithKey(key)) // another machine
	took := flowtest.ServerChange(t, bus, receiver, func() { first.Silence(true) })
	if took > 20*time.Second { // it takes 7 s if the machine is not busy
		t.Errorf("the capture continued after %s", took)
	} else {
		t.Logf("the capture continued after %s", took)
	}
}

// TestAConnectionNeverGivesUp: servers that are down, or refuse the credentials
// repeatedly, are retried until they accept.
func TestAConnectionNeverGivesUp(t *testing.T) {
	t.Parallel()
	opts := restartable(t)
	again, locked := *opts, *opts
	s := run(t, opts)
	var refusals atomic.Int64
	nc, err := natsbus.Connect(s.ClientURL(), nats.UserInfo("pay", "secret"), nats.ReconnectWait(time.Millisecond), nats.ReconnectJitter(0, 0),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrAuthorization) {
				refusals.Add(1)
			}
		}))
	must(t, err)
	t.Cleanup(nc.Close)
	bus := newBus(t, nc)
	_, live, err := bus.Subscribe(bounded(t), numbered(1))
	must(t, err)
	stop(s)
	locked.Username, locked.Password = "pay", "another"
	s = run(t, &locked)
	waitFor(t, func() bool { return refusals.Load() >= 10 || nc.IsClosed() }) // the client gives up after two by default
	if nc.IsClosed() {
		t.Fatalf("the connection was closed after %d refusals", refusals.Load())
	}
	stop(s)
	run(t, &again)
	publish(t, bus, numbered(1), "after")
	expect(t, live, "after")
}

func TestConnectHidesPasswords(t *testing.T) {
	t.Parallel()
	for _, urls := range []string{"nats://pay:secret@127.0.0.1:port", "nats://127.0.0.1:1,nats://pay:secret@[::1"} {
		if nc, err := natsbus.Connect(urls); err == nil || nc != nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want an error without the password", urls, err)
		}
	}
}

// TestMethodsReturnWithTheirContext, whatever the state of the connection: a
// silent server, or a slow dial.
func TestMethodsReturnWithTheirContext(t *testing.T) {
	t.Parallel()
	const grace = 250 * time.Millisecond
	s := startServer(t)
	for name, reconnecting := range map[string]bool{"silent": false, "dialling": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProxy(t, s)
			nc := through(t, p, nats.Timeout(time.Minute))
			bus := newBus(t, nc)
			_, live, err := bus.Subscribe(bounded(t), numbered(1))
			must(t, err)
			p.Silence(true)
			if reconnecting {
				must(t, nc.ForceReconnect())
				waitFor(t, func() bool { return p.waits() > 0 })
			}
			m := flow.Message{Session: numbered(2), ID: "id"}
			for method, call := range map[string]func(context.Context) error{
				"Publish":   func(ctx context.Context) error { return bus.Publish(ctx, m) },
				"Load":      func(ctx context.Context) error { _, _, err := bus.Load(ctx, m.Session); return err },
				"Swap":      func(ctx context.Context) error { _, err := bus.Swap(ctx, m.Session, []byte("r"), 0); return err },
				"Subscribe": func(ctx context.Context) error { _, _, err := bus.Subscribe(ctx, m.Session); return err },
				"Next":      func(ctx context.Context) error { _, err := live.Next(ctx); return err },
				"New":       func(ctx context.Context) error { _, err := natsbus.New(ctx, nc); return err },
			} {
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				err := call(ctx)
				late := time.Since(deadline(ctx))
				cancel()
				if !errors.Is(err, context.DeadlineExceeded) || strings.Count(err.Error(), "deadline exceeded") != 1 {
					t.Errorf("%s: %v, want DeadlineExceeded, once", method, err)
				}
				if late > 10*grace { // a busy machine is late, too
					t.Errorf("%s returned %s after its context's end", method, late)
				} else if late > grace {
					t.Logf("%s returned %s after its context's end, on a busy machine", method, late)
				}
			}
			done := make(chan struct{})
			go func() {
				_ = live.Close()
				close(done)
			}()
			select {
			case <-done:
			case <-time.After(10 * grace):
				t.Error("Close does not return")
			}
			p.Silence(false)
		})
	}
}

func deadline(ctx context.Context) time.Time {
	d, _ := ctx.Deadline()
	return d
}
