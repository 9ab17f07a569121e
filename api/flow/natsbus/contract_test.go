package natsbus_test

import (
	"bytes"
	"sync"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/bustest"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
)

var key = bytes.Repeat([]byte{7}, 32)

// forgetting forgets a session as servers do that have kept it for its time.
func forgetting(nc *nats.Conn, machines ...*natsbus.Bus) bustest.Option {
	return bustest.WithForgetting(func(t *testing.T, _ flow.Bus, s flow.Session) {
		js, err := jetstream.New(nc)
		must(t, err)
		for name, subject := range map[string]string{eventStream: subjectOf(s), "KV_twiliopay-claims": "$KV.twiliopay-claims." + recordKey(s)} {
			stream, err := js.Stream(bounded(t), name)
			must(t, err)
			must(t, stream.Purge(bounded(t), jetstream.WithPurgeSubject(subject)))
		}
		for _, m := range machines {
			m.Due(s)
		}
	})
}

func recordKey(s flow.Session) string { return s.AccountSID + "." + s.CallSID + "." + s.SID }

func TestOneServerIsABus(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	nc := connect(t, s)
	here, there := newBus(t, nc, natsbus.WithKey(key)), newBus(t, connect(t, s), natsbus.WithKey(key))
	bustest.Run(t, func(*testing.T) (flow.Bus, flow.Bus) { return here, there }, forgetting(nc, here, there))
}

func TestAClusterIsABus(t *testing.T) {
	t.Parallel()
	servers := startCluster(t, 3)
	nc := connect(t, servers[0])
	opts := []natsbus.Option{natsbus.WithReplicas(3), natsbus.WithKey(key)}
	here, there := newBus(t, nc, opts...), newBus(t, connect(t, servers[1]), opts...)
	bustest.Run(t, func(*testing.T) (flow.Bus, flow.Bus) { return here, there }, forgetting(nc, here, there))
}

// TestAConnectionIsClosed as the contract says.
func TestAConnectionIsClosed(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	connections := make(map[flow.Bus]*nats.Conn)
	var mu sync.Mutex
	bustest.Run(t, func(t *testing.T) (flow.Bus, flow.Bus) {
		nc := connect(t, s)
		bus := newBus(t, nc)
		mu.Lock()
		defer mu.Unlock()
		connections[bus] = nc
		return bus, bus
	}, bustest.WithClosing(func(_ *testing.T, bus flow.Bus) {
		mu.Lock()
		defer mu.Unlock()
		connections[bus].Close()
	}))
}
