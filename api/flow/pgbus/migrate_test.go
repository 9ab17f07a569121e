package pgbus_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/pgbus"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
	"github.com/twiliopay/twiliopay-go/internal/pgserver"
)

// TestNewChangesNothing: without tables it reports that, and creates none.
func TestNewChangesNothing(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	_, err := pgbus.New(bounded(t), pool, pgbus.WithSchema("nothing_here"))
	if e, ok := errors.AsType[*pgbus.SchemaError](err); !ok || e.Found != 0 || e.Wanted != 1 || e.Schema != "nothing_here" {
		t.Errorf("without a schema: %v, want a SchemaError", err)
	}
	exec(t, pool, "CREATE SCHEMA empty_here")
	_, err = pgbus.New(bounded(t), pool, pgbus.WithSchema("empty_here"))
	if e, ok := errors.AsType[*pgbus.SchemaError](err); !ok || e.Found != 0 {
		t.Errorf("with an empty schema: %v, want a SchemaError", err)
	}
	var tables, schemas int
	must(t, pool.QueryRow(bounded(t), "SELECT count(*) FROM pg_tables WHERE schemaname IN ('nothing_here', 'empty_here')").Scan(&tables))
	must(t, pool.QueryRow(bounded(t), "SELECT count(*) FROM pg_namespace WHERE nspname = 'nothing_here'").Scan(&schemas))
	if tables+schemas != 0 {
		t.Errorf("%d tables and %d schemas were created", tables, schemas)
	}
}

// TestMigrate runs it from several processes at once, and again.
func TestMigrate(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	schema := pgbus.WithSchema("migrated")
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if err := pgbus.Migrate(bounded(t), pool, schema); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	bus := newBus(t, pool, schema)
	must(t, bus.Publish(bounded(t), flow.Message{Session: flowtest.NewSession(), ID: "id"}))
	must(t, pgbus.Migrate(bounded(t), pool, schema))
	var versions, events int
	must(t, pool.QueryRow(bounded(t), "SELECT count(*) FROM migrated.migrations").Scan(&versions))
	must(t, pool.QueryRow(bounded(t), "SELECT count(*) FROM migrated.events").Scan(&events))
	if versions != 1 || events != 1 {
		t.Errorf("%d versions and %d events, want 1 and 1", versions, events)
	}
}

// TestMigrationsByHand runs the SQL as another tool would.
func TestMigrationsByHand(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	schema := pgbus.WithSchema("by_hand")
	all, err := pgbus.Migrations(schema)
	must(t, err)
	for _, m := range all {
		exec(t, pool, m.SQL)
	}
	newBus(t, pool, schema)
	must(t, pgbus.Migrate(bounded(t), pool, schema)) // finds nothing to do
}

// TestVersions: a program continues to work with newer tables that allow it,
// and refuses those that do not, and older ones.
func TestVersions(t *testing.T) {
	t.Parallel()
	pool := newPool(t, pgserver.Shared(t).URL("postgres"))
	schema := pgbus.WithSchema("versions")
	must(t, pgbus.Migrate(bounded(t), pool, schema))
	exec(t, pool, "INSERT INTO versions.migrations (version, oldest) VALUES (2, 1)")
	newBus(t, pool, schema)
	exec(t, pool, "INSERT INTO versions.migrations (version, oldest) VALUES (3, 2)")
	_, err := pgbus.New(bounded(t), pool, schema)
	if e, ok := errors.AsType[*pgbus.SchemaError](err); !ok || e.Found != 3 || !strings.Contains(err.Error(), "update the program") {
		t.Errorf("newer tables: %v", err)
	}
	exec(t, pool, "DELETE FROM versions.migrations")
	_, err = pgbus.New(bounded(t), pool, schema)
	if e, ok := errors.AsType[*pgbus.SchemaError](err); !ok || e.Found != 0 {
		t.Errorf("tables without a version: %v", err)
	}
}

// TestPrivileges: a role with the privileges from Privileges, and no others,
// can do everything that a process does. If one is missing, New names it.
func TestPrivileges(t *testing.T) {
	t.Parallel()
	s := pgserver.Shared(t)
	owner := newPool(t, s.URL("postgres"))
	schema := pgbus.WithSchema("least")
	must(t, pgbus.Migrate(bounded(t), owner, schema))
	exec(t, owner, "CREATE ROLE least_pay LOGIN")
	pool := newPool(t, s.URL("least_pay"))
	_, err := pgbus.New(bounded(t), pool, schema)
	if e, ok := errors.AsType[*pgbus.PermissionError](err); !ok || e.Privilege != "USAGE" {
		t.Errorf("a role without privileges: %v", err)
	}
	grants, err := pgbus.Privileges("least_pay", schema)
	must(t, err)
	exec(t, owner, grants)

	bus := newBus(t, pool, schema, pgbus.WithKey(key))
	d := flowtest.NewDesk(t, bus)
	f, _ := d.Tokenize(bus)
	past, live, err := bus.Subscribe(bounded(t), f.Session())
	must(t, err)
	exec(t, owner, "UPDATE least.calls SET expires = clock_timestamp() - interval '1 second'")
	if n, err := bus.Forget(bounded(t)); n != 1 || err != nil {
		t.Errorf("forgot %d calls, %v, want 1", n, err)
	}
	if _, err := live.Next(bounded(t)); !errors.Is(err, flow.ErrExpired) || len(past) < 20 {
		t.Errorf("after %d events %v, want ErrExpired", len(past), err)
	}

	for line := range strings.Lines(strings.ReplaceAll(grants, ";", "")) {
		what, on, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "GRANT "), " ON ")
		on, _, _ = strings.Cut(on, " TO ")
		for privilege := range strings.SplitSeq(what, ", ") {
			exec(t, owner, "REVOKE "+privilege+" ON "+on+" FROM least_pay")
			_, err := pgbus.New(bounded(t), pool, schema)
			if e, ok := errors.AsType[*pgbus.PermissionError](err); !ok || e.Privilege != privilege || !strings.HasSuffix(strings.ReplaceAll(on, `"`, ""), e.Object[strings.LastIndex(e.Object, " ")+1:]) {
				t.Errorf("without %s on %s: %v", privilege, on, err)
			}
			exec(t, owner, "GRANT "+privilege+" ON "+on+" TO least_pay")
		}
	}

	_, live, err = bus.Subscribe(bounded(t), flowtest.NewSession())
	must(t, err)
	exec(t, owner, "REVOKE SELECT ON least.calls FROM least_pay")
	err = bus.Publish(bounded(t), flow.Message{Session: flowtest.NewSession(), ID: "id"})
	if e, ok := errors.AsType[*pgbus.PermissionError](err); !ok || e.Object != "table calls" {
		t.Errorf("publish after a privilege was revoked: %v", err)
	}
	if _, err := live.Next(bounded(t)); !isPermission(err) {
		t.Errorf("a subscription after a privilege was revoked: %v", err)
	}
}

func isPermission(err error) bool {
	_, ok := errors.AsType[*pgbus.PermissionError](err)
	return ok
}

func TestOptions(t *testing.T) {
	t.Parallel()
	pool := newPool(t, "postgres://127.0.0.1:1/none")
	for want, opt := range map[string]pgbus.Option{
		"WithSchema: must be":       pgbus.WithSchema("Pay; DROP"),
		"not begin with a digit":    pgbus.WithSchema("1pay"),
		"1 to 40":                   pgbus.WithSchema(strings.Repeat("p", 41)),
		"WithExpiry: must be":       pgbus.WithExpiry(1),
		"WithPollInterval: must be": pgbus.WithPollInterval(1),
		"WithKey: needs keys of 32": pgbus.WithKey([]byte("short")),
		"WithListenConn: needs":     pgbus.WithListenConn(nil),
		"option 1: must not be nil": nil,
	} {
		if _, err := pgbus.New(bounded(t), pool, opt); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New: %v, want %q", err, want)
		}
	}
	if _, err := pgbus.New(bounded(t), nil); err == nil {
		t.Error("New without a pool: no error")
	}
	if err := pgbus.Migrate(bounded(t), nil); err == nil {
		t.Error("Migrate without a pool: no error")
	}
	if _, err := pgbus.Privileges(""); err == nil {
		t.Error("Privileges without a role: no error")
	}
}

func exec(t testing.TB, pool *pgxpool.Pool, sql string) {
	t.Helper()
	conn, err := pool.Acquire(bounded(t))
	must(t, err)
	defer conn.Release()
	_, err = conn.Conn().PgConn().Exec(bounded(t), sql).ReadAll()
	must(t, err)
}
