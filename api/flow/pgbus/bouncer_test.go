package pgbus_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	osexec "os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

// startBouncer starts PgBouncer in transaction mode in front of a server, with
// fewer server connections than clients have, and returns its connection
// string.
func startBouncer(t *testing.T, s *pgserver.Server) string {
	t.Helper()
	program, err := osexec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer"
	}
	if _, err := os.Stat(program); err != nil {
		if os.Getenv("REQUIRE_ALL") == "1" {
			t.Fatal("needs PgBouncer: Debian's package pgbouncer")
		}
		t.Skip("needs PgBouncer: Debian's package pgbouncer")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	port := l.Addr().(*net.TCPAddr).Port
	must(t, l.Close())
	dir := filepath.Dir(s.Dir)
	must(t, os.WriteFile(dir+"/users.txt", []byte("\"postgres\" \"\"\n"), 0o644))
	must(t, os.WriteFile(dir+"/pgbouncer.ini", fmt.Appendf(nil, `[databases]
postgres = host=127.0.0.1 port=%d dbname=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = trust
auth_file = %s/users.txt
pool_mode = transaction
default_pool_size = 5
max_client_conn = 500
ignore_startup_parameters = extra_float_digits
`, s.Port, port, dir), 0o644))
	cmd := pgserver.Command(program, "-q", dir+"/pgbouncer.ini")
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	waitFor(t, func() bool {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port)
}

// TestIsABusBehindPgBouncer in transaction mode, where each transaction may use
// a different connection.
func TestIsABusBehindPgBouncer(t *testing.T) {
	t.Parallel()
	s := pgserver.Start(t, "fsync=off")
	url := startBouncer(t, s)
	isABus(t, func(t testing.TB) *pgxpool.Pool {
		return newPool(t, url+"&default_query_exec_mode=exec")
	}, pgbus.WithKey(key), pgbus.WithListenConn(connecting(s.URL("postgres"))))
}

// TestListeningThroughPgBouncer does not work, and New reports it.
func TestListeningThroughPgBouncer(t *testing.T) {
	t.Parallel()
	s := pgserver.Start(t, "fsync=off")
	pool := newPool(t, startBouncer(t, s), func(c *pgxpool.Config) { c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec })
	schema := newSchema(t, pool)
	began := time.Now()
	_, err := pgbus.New(bounded(t), pool, schema)
	if e, ok := errors.AsType[*pgbus.SettingError](err); !ok || e.Setting != "the listening connection" {
		t.Errorf("New: %v after %s", err, time.Since(began))
	}
}
