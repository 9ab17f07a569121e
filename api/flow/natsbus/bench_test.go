package natsbus_test

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
	"github.com/twiliopay/twiliopay-go/internal/load"
)

// onOneServer returns two machines over one server, and onThree three over a
// cluster with three replicas. Servers and machines run in one process;
// messages are sealed and on disk.
func onOneServer(b *testing.B) []flow.Bus {
	s := startServer(b)
	return buses(b, []*server.Server{s, s}, natsbus.WithKey(key))
}

func onThree(b *testing.B) []flow.Bus {
	return buses(b, startCluster(b, 3), natsbus.WithKey(key), natsbus.WithReplicas(3))
}

func buses(b *testing.B, servers []*server.Server, opts ...natsbus.Option) (machines []flow.Bus) {
	for _, s := range servers {
		machines = append(machines, newBus(b, connect(b, s), opts...))
	}
	return machines
}

func BenchmarkSteps(b *testing.B) {
	b.Run("servers=1", func(b *testing.B) { load.BenchSteps(b, onOneServer(b), 100) })
	b.Run("servers=3", func(b *testing.B) { load.BenchSteps(b, onThree(b), 100) })
}

func BenchmarkStepAlone(b *testing.B) {
	b.Run("servers=1", func(b *testing.B) { load.BenchSteps(b, onOneServer(b), 1) })
	b.Run("servers=3", func(b *testing.B) { load.BenchSteps(b, onThree(b), 1) })
}

// inAProcess returns one machine over a server in its own process, so that the
// memory per session is that of the machine.
func inAProcess(b *testing.B) []flow.Bus {
	nc, err := natsbus.Connect(startProcess(b).url())
	must(b, err)
	b.Cleanup(nc.Close)
	return []flow.Bus{newBus(b, nc, natsbus.WithKey(key))}
}

func BenchmarkOpenSession(b *testing.B) {
	b.Run("machine", func(b *testing.B) { load.BenchOpen(b, inAProcess(b)) })
	b.Run("servers=1", func(b *testing.B) { load.BenchOpen(b, onOneServer(b)) })
	b.Run("servers=3", func(b *testing.B) { load.BenchOpen(b, onThree(b)) })
}
