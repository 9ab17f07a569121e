package natsbus_test

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
)

var must, bounded, waitFor = flowtest.Must, flowtest.Bounded, flowtest.WaitFor

// startServer starts one server with JetStream on 127.0.0.1.
func startServer(t testing.TB) *server.Server {
	t.Helper()
	return run(t, &server.Options{
		ServerName: "single", Host: "127.0.0.1", Port: server.RANDOM_PORT,
		JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true,
	})
}

// startCluster starts a cluster of n servers with JetStream.
func startCluster(t testing.TB, n int) []*server.Server {
	t.Helper()
	ports := freePorts(t, n)
	var routes string
	for _, port := range ports {
		routes += fmt.Sprintf(",nats://127.0.0.1:%d", port)
	}
	var servers []*server.Server
	for i, port := range ports {
		servers = append(servers, run(t, &server.Options{
			ServerName: fmt.Sprintf("node%d", i+1), Host: "127.0.0.1", Port: server.RANDOM_PORT,
			JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true,
			Cluster: server.ClusterOpts{Name: "pay", Host: "127.0.0.1", Port: port},
			Routes:  server.RoutesFromStr(routes[1:]),
		}))
	}
	waitFor(t, func() bool {
		for _, s := range servers {
			if s.NumRoutes() < n-1 {
				return false
			}
		}
		for _, s := range servers {
			if s.JetStreamIsLeader() {
				return len(s.JetStreamClusterPeers()) == n
			}
		}
		return false
	})
	return servers
}

func run(t testing.TB, opts *server.Options) *server.Server {
	t.Helper()
	s, err := server.NewServer(opts)
	must(t, err)
	go s.Start()
	if !s.ReadyForConnections(20 * time.Second) {
		t.Fatal("server is not ready")
	}
	t.Cleanup(func() { stop(s) })
	return s
}

func stop(s *server.Server) {
	s.Shutdown()
	s.WaitForShutdown()
}

func freePorts(t testing.TB, n int) (ports []int) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// connect connects to the first available server.
func connect(t testing.TB, servers ...*server.Server) *nats.Conn {
	t.Helper()
	var urls string
	for _, s := range servers {
		urls += "," + s.ClientURL()
	}
	nc, err := nats.Connect(urls[1:], nats.DontRandomize(), nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	must(t, err)
	t.Cleanup(nc.Close)
	return nc
}

func newBus(t testing.TB, nc *nats.Conn, opts ...natsbus.Option) *natsbus.Bus {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for {
		bus, err := natsbus.New(ctx, nc, opts...)
		if err == nil {
			return bus
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
}
