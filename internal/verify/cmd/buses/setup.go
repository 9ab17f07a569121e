package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nats-io/nats-server/v2/server"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

var key = bytes.Repeat([]byte{7}, 32)

// buses are compared; each creates the buses of n machines that share one
// server.
var buses = []struct {
	name     string
	machines func(b *testing.B, n int) []flow.Bus
}{
	{"memory, one process", memory},
	{"PostgreSQL", postgreSQL},
	{"NATS, fsync every two minutes", func(b *testing.B, n int) []flow.Bus { return nats(b, n, "") }},
	{"NATS, sync_interval always", func(b *testing.B, n int) []flow.Bus { return nats(b, n, "always") }},
}

func memory(b *testing.B, n int) (machines []flow.Bus) {
	bus, err := flow.NewMemory()
	must(b, err)
	b.Cleanup(func() { _ = bus.Close() })
	for range n {
		machines = append(machines, bus)
	}
	return machines
}

func postgreSQL(b *testing.B, n int) (machines []flow.Bus) {
	s := pgserver.Start(b)
	for range n {
		c, err := pgxpool.ParseConfig(s.URL("postgres"))
		must(b, err)
		c.MaxConns = 10
		pool, err := pgxpool.NewWithConfig(context.Background(), c)
		must(b, err)
		b.Cleanup(pool.Close)
		must(b, pgbus.Migrate(context.Background(), pool))
		bus, err := pgbus.New(context.Background(), pool, pgbus.WithKey(key))
		must(b, err)
		b.Cleanup(func() { _ = bus.Close() })
		machines = append(machines, bus)
	}
	return machines
}

func nats(b *testing.B, n int, sync string) (machines []flow.Bus) {
	url := startNATS(b, sync)
	for range n {
		nc, err := natsbus.Connect(url)
		must(b, err)
		b.Cleanup(nc.Close)
		bus, err := natsbus.New(context.Background(), nc, natsbus.WithKey(key))
		must(b, err)
		machines = append(machines, bus)
	}
	return machines
}

const serverStart = 20 * time.Second

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// The environment variables that make this program a NATS server.
const (
	natsStore = "BUSES_NATS_STORE"
	natsSync  = "BUSES_NATS_SYNC"
)

// startNATS starts this program as a server and returns its URL.
func startNATS(b *testing.B, sync string) string {
	self, err := os.Executable()
	must(b, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), natsStore+"="+b.TempDir(), natsSync+"="+sync)
	cmd.Stderr = os.Stderr
	alive, err := cmd.StdinPipe()
	must(b, err)
	stdout, err := cmd.StdoutPipe()
	must(b, err)
	must(b, cmd.Start())
	b.Cleanup(func() {
		_ = alive.Close()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(stdout)
	if !lines.Scan() {
		b.Fatal("the NATS server does not start")
	}
	return lines.Text()
}

// serveNATS runs the server until standard input is closed. It reports whether
// this program was started as one.
func serveNATS() bool {
	store := os.Getenv(natsStore)
	if store == "" {
		return false
	}
	s, err := server.NewServer(&server.Options{
		ServerName: "buses", Host: "127.0.0.1", Port: server.RANDOM_PORT,
		JetStream: true, StoreDir: store, SyncAlways: os.Getenv(natsSync) == "always", NoSigs: true, NoLog: true,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return true
	}
	go s.Start()
	defer s.Shutdown()
	if s.ReadyForConnections(serverStart) {
		fmt.Println(s.ClientURL())
		_, _ = os.Stdin.Read(make([]byte, 1))
	}
	return true
}
