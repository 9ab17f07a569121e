package pgbus

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// SchemaError means that the tables do not exist, or have a version that this
// package cannot use. [Migrate] creates or changes them; if Found is the newer
// version, update the program.
type SchemaError struct {
	Schema string
	Found  int // version of the tables; 0 if there are none
	Wanted int // version of this package
}

// Error returns the schema, the versions, and what to do.
func (e *SchemaError) Error() string {
	switch {
	case e.Found == 0:
		return fmt.Sprintf("pgbus: schema %s has no tables of version %d; pgbus.Migrate creates them", e.Schema, e.Wanted)
	case e.Found < e.Wanted:
		return fmt.Sprintf("pgbus: the tables of schema %s have version %d, wanted %d; pgbus.Migrate changes them", e.Schema, e.Found, e.Wanted)
	}
	return fmt.Sprintf("pgbus: the tables of schema %s have version %d, which programs of version %d cannot use; update the program", e.Schema, e.Found, e.Wanted)
}

// PermissionError names a privilege that the role of the pool needs and does
// not have. [Privileges] returns all of them.
type PermissionError struct {
	Privilege string // such as INSERT; empty if the server does not name it
	Object    string // such as "table events"
	cause     error
}

// Error returns privilege and object.
func (e *PermissionError) Error() string {
	if e.Privilege == "" {
		return "pgbus: no privilege for " + e.Object + "; pgbus.Privileges returns all that are needed"
	}
	return "pgbus: no privilege " + e.Privilege + " for " + e.Object + "; pgbus.Privileges returns all that are needed"
}

// Unwrap returns the server's error, if it is one.
func (e *PermissionError) Unwrap() error { return e.cause }

// SettingError names a setting of the server or the connection that breaks a
// guarantee of the bus.
type SettingError struct {
	Setting string
	Found   string
	Wanted  string
	cause   error
}

// Error returns the setting, what was found and what is wanted.
func (e *SettingError) Error() string {
	return fmt.Sprintf("pgbus: %s: found %s, wanted %s", e.Setting, e.Found, e.Wanted)
}

// Unwrap returns the cause, if there is one.
func (e *SettingError) Unwrap() error { return e.cause }

// check returns everything that is missing, and changes nothing.
func (b *Bus) check(ctx context.Context) error {
	missing, err := again(ctx, b, func(ctx context.Context, conn *pgx.Conn) (missing []error, err error) {
		for _, look := range []func(context.Context, *pgx.Conn) ([]error, error){b.settings, b.privileges} {
			found, err := look(ctx, conn)
			if err != nil {
				return nil, err
			}
			missing = append(missing, found...)
		}
		return missing, nil
	})
	if err != nil {
		return err
	}
	return errors.Join(missing...)
}

func (b *Bus) settings(ctx context.Context, conn *pgx.Conn) (wrong []error, err error) {
	var commit, server string
	var standby bool
	err = conn.QueryRow(ctx, "SELECT pg_is_in_recovery(), current_setting('synchronous_commit'), current_setting('server_version_num')").Scan(&standby, &commit, &server)
	if err != nil {
		return nil, err
	}
	if standby {
		wrong = append(wrong, &SettingError{Setting: "server", Found: "a standby", Wanted: "the primary: target_session_attrs=read-write"})
	}
	if commit == "off" {
		wrong = append(wrong, &SettingError{Setting: "synchronous_commit", Found: commit, Wanted: "any other: events acknowledged to Twilio could be lost with the server"})
	}
	if n, err := strconv.Atoi(server); err == nil && n < oldestServer*10_000 {
		wrong = append(wrong, &SettingError{Setting: "version of PostgreSQL", Found: strconv.Itoa(n / 10_000), Wanted: strconv.Itoa(oldestServer) + " or later"})
	}
	return wrong, nil
}

// oldestServer is the oldest PostgreSQL version that is still maintained.
const oldestServer = 14

// privileges returns what the role may not do, or that the tables do not exist.
func (b *Bus) privileges(ctx context.Context, conn *pgx.Conn) (missing []error, err error) {
	schema := b.config.schema
	var usage bool
	err = conn.QueryRow(ctx, "SELECT has_schema_privilege(oid, 'USAGE') FROM pg_catalog.pg_namespace WHERE nspname = $1::text", schema).Scan(&usage)
	if errors.Is(err, pgx.ErrNoRows) {
		return []error{&SchemaError{Schema: schema, Wanted: version}}, nil
	}
	if err != nil {
		return nil, err
	}
	if !usage {
		missing = append(missing, &PermissionError{Privilege: "USAGE", Object: "schema " + schema})
	}
	for _, t := range needed {
		for _, privilege := range t.privileges {
			var granted bool
			err := conn.QueryRow(ctx, `SELECT has_table_privilege(t.oid, $3::text) FROM pg_catalog.pg_class t JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
				WHERE n.nspname = $1::text AND t.relname = $2::text`, schema, t.table, privilege).Scan(&granted)
			if errors.Is(err, pgx.ErrNoRows) {
				return []error{&SchemaError{Schema: schema, Wanted: version}}, nil
			}
			if err != nil {
				return nil, err
			}
			if !granted {
				missing = append(missing, &PermissionError{Privilege: privilege, Object: "table " + schema + "." + t.table})
			}
		}
	}
	if len(missing) > 0 {
		return missing, nil
	}
	found, oldest, err := b.config.version(ctx, conn)
	if err == nil && (found < version || oldest > version) {
		missing = append(missing, &SchemaError{Schema: schema, Found: found, Wanted: version})
	}
	return missing, err
}
