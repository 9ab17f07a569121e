package pgbus

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var migrations embed.FS

// version is the version of the tables that this package uses.
const version = 1

// Migration is a change of the tables, to be run once, in order of versions.
type Migration struct {
	Version int
	SQL     string // several statements; the last one records the version
}

// Migrations returns the SQL that [Migrate] runs, from the first version on,
// for use with another migration tool. Of the options only WithSchema has an
// effect.
func Migrations(opts ...Option) ([]Migration, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	var all []Migration
	for v := range version {
		text, err := migrations.ReadFile("migrations/" + strconv.Itoa(v+1) + ".sql")
		if err != nil {
			return nil, fmt.Errorf("pgbus: %w", err)
		}
		all = append(all, Migration{v + 1, strings.ReplaceAll(string(text), "{schema}", identifier(c.schema))})
	}
	return all, nil
}

// Migrate creates schema and tables, or changes those of an older version, in
// one transaction. Call it from a deployment command, with a role that owns the
// schema or may create it in the database; the processes need less, see
// [Privileges]. It waits for a concurrent Migrate, and does nothing if the
// tables are up to date. Of the options only WithSchema has an effect.
func Migrate(ctx context.Context, pool *pgxpool.Pool, opts ...Option) error {
	c, err := newConfig(opts)
	if err != nil {
		return err
	}
	if pool == nil {
		return errors.New("pgbus: Migrate needs a pool")
	}
	all, err := Migrations(opts...)
	if err != nil {
		return err
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))", "pgbus "+c.schema); err != nil {
			return err
		}
		found, _, err := c.version(ctx, tx)
		if err != nil {
			return err
		}
		for _, m := range all {
			if m.Version <= found {
				continue
			}
			if _, err := tx.Conn().PgConn().Exec(ctx, m.SQL).ReadAll(); err != nil {
				return fmt.Errorf("version %d: %w", m.Version, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("pgbus: Migrate: %w", err)
	}
	return nil
}

// version returns the version of the tables, 0 if there are none, and the
// oldest version of programs that can use them.
func (c config) version(ctx context.Context, q querier) (found, oldest int, err error) {
	var there bool
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_catalog.pg_class t JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
		WHERE n.nspname = $1::text AND t.relname = 'migrations')`, c.schema).Scan(&there)
	if err != nil || !there {
		return 0, 0, err
	}
	err = q.QueryRow(ctx, "SELECT coalesce(max(version), 0), coalesce(max(oldest), 0) FROM "+identifier(c.schema)+".migrations").Scan(&found, &oldest)
	return found, oldest, err
}

type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Privileges returns the statements that grant a role what the processes need,
// and nothing more. Run them after [Migrate]. Of the options only WithSchema
// has an effect.
func Privileges(role string, opts ...Option) (string, error) {
	c, err := newConfig(opts)
	if err != nil {
		return "", err
	}
	if role == "" {
		return "", errors.New("pgbus: Privileges needs a role")
	}
	schema, to := identifier(c.schema), " TO "+identifier(role)+";\n"
	text := "GRANT USAGE ON SCHEMA " + schema + to
	for _, t := range needed {
		text += "GRANT " + strings.Join(t.privileges, ", ") + " ON " + schema + "." + t.table + to
	}
	return text, nil
}

// needed lists the privileges the processes use.
var needed = []struct {
	table      string
	privileges []string
}{
	{"migrations", []string{"SELECT"}},
	{"calls", []string{"SELECT", "INSERT", "UPDATE", "DELETE"}},
	{"sessions", []string{"SELECT", "INSERT", "UPDATE", "DELETE"}},
	{"events", []string{"SELECT", "INSERT", "DELETE"}},
}
