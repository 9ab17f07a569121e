package natsbus_test

import (
	"net"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
	"github.com/twiliopay/twiliopay-go/internal/load"
)

// Environment variables that make the test program a server, for tests that
// stop or kill one.
const (
	serverPort  = "NATSBUS_TEST_SERVER_PORT"
	serverStore = "NATSBUS_TEST_SERVER_STORE"
)

func TestMain(m *testing.M) {
	if os.Getenv(serverPort) == "" {
		os.Exit(m.Run())
	}
	port, err := strconv.Atoi(os.Getenv(serverPort))
	if err != nil {
		panic(err)
	}
	s, err := server.NewServer(&server.Options{
		ServerName: "single", Host: "127.0.0.1", Port: port,
		JetStream: true, StoreDir: os.Getenv(serverStore), NoSigs: true, NoLog: true,
	})
	if err != nil {
		panic(err)
	}
	s.Start()
	s.WaitForShutdown()
}

// process is a server in its own process.
type process struct {
	t     testing.TB
	port  int
	store string
	cmd   *exec.Cmd
}

func startProcess(t testing.TB) *process {
	t.Helper()
	p := &process{t: t, port: freePorts(t, 1)[0], store: t.TempDir()}
	p.start()
	t.Cleanup(p.kill)
	return p
}

func (p *process) url() string { return "nats://127.0.0.1:" + strconv.Itoa(p.port) }

func (p *process) start() {
	p.t.Helper()
	p.cmd = exec.Command(os.Args[0])
	p.cmd.Env = append(os.Environ(), serverPort+"="+strconv.Itoa(p.port), serverStore+"="+p.store)
	must(p.t, p.cmd.Start())
	waitFor(p.t, func() bool {
		c, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(p.port))
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

func (p *process) signal(s syscall.Signal) { must(p.t, p.cmd.Process.Signal(s)) }

// BenchmarkReturn completes ten thousand sessions while the server is frozen
// for six seconds, and while it is killed and restarted.
func BenchmarkReturn(b *testing.B) {
	for name, breakServer := range map[string]func(*process, func()){
		"frozen": func(p *process, broken func()) {
			p.signal(syscall.SIGSTOP)
			broken()
			time.Sleep(6 * time.Second)
			p.signal(syscall.SIGCONT)
		},
		"killed": func(p *process, broken func()) {
			p.kill()
			broken()
			p.start()
		},
	} {
		b.Run(name, func(b *testing.B) {
			p := startProcess(b)
			nc, err := nats.Connect(p.url(), nats.MaxReconnects(-1), nats.ReconnectWait(250*time.Millisecond))
			must(b, err)
			defer nc.Close()
			load.BenchReturn(b, newBus(b, nc, natsbus.WithKey(key)), returning, func(broken func()) { breakServer(p, broken) })
		})
	}
}

// returning is the number of sessions.
const returning = 10_000
