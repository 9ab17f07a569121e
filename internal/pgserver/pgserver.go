// Package pgserver starts PostgreSQL servers for tests, each in its own
// directory, on a free port of 127.0.0.1. If the tests run as root, the servers
// run as the user postgres or nobody, because PostgreSQL refuses root. They end
// with the program that started them, even if it crashes.
//
// A test that needs a server is skipped if none is installed; with
// REQUIRE_ALL=1 in the environment it fails instead.
package pgserver

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Server is a server, which may be stopped, killed and started again.
type Server struct {
	Port int
	Dir  string // its data directory

	tb       testing.TB
	settings []string
	cmd      *exec.Cmd
	alive    interface{ Close() error } // keeps it alive while it is open
}

// Main runs the tests, then stops the servers and removes their files.
func Main(m *testing.M) int {
	defer CleanUp()
	return m.Run()
}

// CleanUp stops the servers of a program and removes their files, for programs
// that do not call [Main].
func CleanUp() {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.server != nil {
		shared.server.Kill()
		shared.server = nil
	}
	if shared.dir != "" {
		_ = os.RemoveAll(shared.dir)
		shared.dir = ""
	}
}

// shared is what the tests of a program share.
var shared struct {
	mu     sync.Mutex
	dir    string // contains a data directory as initdb creates it
	server *Server
}

// Shared returns the server shared by all tests that do not break it. It runs
// without fsync, and ends with [Main].
func Shared(tb testing.TB) *Server {
	tb.Helper()
	template(tb)
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.server == nil {
		s := prepare(tb, filepath.Join(shared.dir, "shared"), "fsync=off")
		s.Start()
		shared.server = s
	}
	return shared.server
}

// Start starts a server with settings, such as "fsync=off". It ends with the
// test.
func Start(tb testing.TB, settings ...string) *Server {
	tb.Helper()
	template(tb)
	s := prepare(tb, tempDir(tb)+"/data", settings...)
	tb.Cleanup(s.Kill)
	s.Start()
	return s
}

// URL returns the connection string of a role.
func (s *Server) URL(role string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/postgres?sslmode=disable", role, s.Port)
}

// Start starts the server, also after [Server.Stop] or [Server.Kill], and waits
// until it accepts connections.
func (s *Server) Start() {
	s.tb.Helper()
	args := []string{program("postgres"), "-D", s.Dir, "-p", strconv.Itoa(s.Port), "-h", "127.0.0.1", "-k", ""}
	for _, setting := range append([]string{"max_connections=300"}, s.settings...) {
		args = append(args, "-c", setting)
	}
	log, err := os.OpenFile(s.Dir+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(s.tb, err)
	defer func() { _ = log.Close() }()
	// The shell ends the server when its standard input is closed, at the
	// latest when this program ends.
	s.cmd = Command("sh", append([]string{"-c", `"$@" & server=$!; cat >/dev/null; kill -QUIT $server 2>/dev/null; wait $server`, "sh"}, args...)...)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.alive, err = s.cmd.StdinPipe()
	must(s.tb, err)
	must(s.tb, s.cmd.Start())
	for range 6000 {
		if status := s.pidFile(7); status == "ready" || status == "standby" {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	text, _ := os.ReadFile(s.Dir + ".log")
	s.tb.Fatalf("PostgreSQL did not start: %s", text)
}

// pidFile returns a line of postmaster.pid, in which the server describes
// itself.
func (s *Server) pidFile(line int) string {
	text, _ := os.ReadFile(filepath.Join(s.Dir, "postmaster.pid"))
	if lines := strings.Split(string(text), "\n"); line < len(lines) {
		return strings.TrimSpace(lines[line])
	}
	return ""
}

// PIDs returns the processes of the server, the parent of the others first.
func (s *Server) PIDs() (pids []int) {
	first, err := strconv.Atoi(s.pidFile(0))
	if err != nil {
		return nil
	}
	pids = []int{first}
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", first, first))
	for text := range strings.FieldsSeq(string(children)) {
		if pid, err := strconv.Atoi(text); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// Signal sends a signal to all processes of the server.
func (s *Server) Signal(signal syscall.Signal) {
	for _, pid := range s.PIDs() {
		_ = syscall.Kill(pid, signal)
	}
}

// Stop stops the server as an operator would, without waiting for connections
// to end.
func (s *Server) Stop() {
	if pids := s.PIDs(); len(pids) > 0 {
		_ = syscall.Kill(pids[0], syscall.SIGINT)
		for range 3000 {
			if syscall.Kill(pids[0], 0) != nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	s.reap()
}

// Kill ends the server like a power failure, except that the disk keeps what
// was written.
func (s *Server) Kill() {
	s.Signal(syscall.SIGKILL)
	s.reap()
}

func (s *Server) reap() {
	if s.cmd == nil {
		return
	}
	_ = s.alive.Close()
	_ = s.cmd.Wait()
	s.cmd = nil
	_ = os.Remove(filepath.Join(s.Dir, "postmaster.pid"))
}

// Standby starts another server that follows this one.
func (s *Server) Standby(tb testing.TB, settings ...string) *Server {
	tb.Helper()
	dir := tempDir(tb) + "/data"
	run(tb, Command(program("pg_basebackup"), "-D", dir, "-R", "-d", s.URL("postgres")+"&application_name=standby", "-c", "fast", "--no-sync"))
	next := &Server{Port: freePort(tb), Dir: dir, tb: tb, settings: settings}
	tb.Cleanup(next.Kill)
	next.Start()
	return next
}

// Promote makes a standby a primary.
func (s *Server) Promote() {
	run(s.tb, Command(program("pg_ctl"), "promote", "-D", s.Dir, "-w", "-t", "60"))
}

// template creates, once, the data directory that servers start from.
func template(tb testing.TB) {
	tb.Helper()
	if program("postgres") == "" {
		if os.Getenv("REQUIRE_ALL") == "1" {
			tb.Fatal("needs PostgreSQL: Debian's package postgresql")
		}
		tb.Skip("needs PostgreSQL: Debian's package postgresql")
	}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.dir != "" {
		return
	}
	dir, err := os.MkdirTemp("", "pgserver")
	must(tb, err)
	Give(tb, dir)
	run(tb, Command(program("initdb"), "-D", dir+"/template", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"))
	shared.dir = dir
}

func prepare(tb testing.TB, dir string, settings ...string) *Server {
	tb.Helper()
	run(tb, Command("cp", "-a", shared.dir+"/template", dir))
	return &Server{Port: freePort(tb), Dir: dir, tb: tb, settings: settings}
}

// tempDir creates a directory for a test. Only the user who runs the tests can
// enter the one of the testing package.
func tempDir(tb testing.TB) string {
	dir, err := os.MkdirTemp(shared.dir, "")
	must(tb, err)
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	Give(tb, dir)
	return dir
}

// program returns the path of a PostgreSQL program, of the newest version
// installed; empty if there is none.
func program(name string) string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		path, err := exec.LookPath(name)
		if err != nil {
			return ""
		}
		return path
	}
	return slices.MaxFunc(found, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b) // 9 sorts before 10
		}
		return strings.Compare(a, b)
	})
}

// servant returns the user that servers run as; nil for the current user.
var servant = sync.OnceValues(func() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(uidErr, gidErr)
	}
	return nil, errors.New("there is no user postgres or nobody to run PostgreSQL as")
})

// Command returns a command that runs as the servers' user.
func Command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...) // #nosec G204 -- programs of PostgreSQL, in tests
	cmd.Dir = "/"
	if c, _ := servant(); c != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c}
	}
	return cmd
}

// Give makes the servers' user the owner of a directory.
func Give(tb testing.TB, dir string) {
	tb.Helper()
	c, err := servant()
	must(tb, err)
	if c != nil {
		must(tb, os.Chown(dir, int(c.Uid), int(c.Gid)))
	}
}

func run(tb testing.TB, cmd *exec.Cmd) {
	tb.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("%s: %v\n%s", cmd, err, out)
	}
}

func freePort(tb testing.TB) int {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(tb, err)
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
