package natsbus_test

import (
	"bytes"
	"sync"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/bustest"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
)

var key = bytes.Repeat([]byte{7}, 32)

// isABus tests two machines with connections of their own against the contract.
// A session is forgotten as when servers delete its messages; closing the
// connection closes a bus.
func isABus(t *testing.T, servers []*server.Server, opts ...natsbus.Option) {
	t.Helper()
	var mu sync.Mutex
	connections := make(map[flow.Bus]*nats.Conn)
	machine := func(t *testing.T, s *server.Server) flow.Bus {
		nc := connect(t, s)
		bus := newBus(t, nc, opts...)
		mu.Lock()
		defer mu.Unlock()
		connections[bus] = nc
		return bus
	}
	bustest.Run(t, func(t *testing.T) (flow.Bus, flow.Bus) {
		return machine(t, servers[0]), machine(t, servers[len(servers)-1])
	}, bustest.WithForgetting(func(t *testing.T, here flow.Bus, s flow.Session) {
		mu.Lock()
		defer mu.Unlock()
		js, err := jetstream.New(connections[here])
		must(t, err)
		for name, subject := range map[string]string{eventStream: subjectOf(s), "KV_twiliopay-claims": "$KV.twiliopay-claims." + recordKey(s)} {
			stream, err := js.Stream(bounded(t), name)
			must(t, err)
			must(t, stream.Purge(bounded(t), jetstream.WithPurgeSubject(subject)))
		}
		for bus := range connections {
			bus.(*natsbus.Bus).Due(s)
		}
	}), bustest.WithClosing(func(_ *testing.T, bus flow.Bus) {
		mu.Lock()
		defer mu.Unlock()
		connections[bus].Close()
	}))
}

func recordKey(s flow.Session) string { return s.AccountSID + "." + s.CallSID + "." + s.SID }

func TestOneServerIsABus(t *testing.T) {
	t.Parallel()
	isABus(t, []*server.Server{startServer(t)}, natsbus.WithKey(key))
}

func TestAClusterIsABus(t *testing.T) {
	t.Parallel()
	isABus(t, startCluster(t, 3), natsbus.WithReplicas(3), natsbus.WithKey(key))
}
