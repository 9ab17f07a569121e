package pgbus

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// ErrUnreadable means that something in the database cannot be decrypted: it
// was sealed with an unknown key, stored without a key, or tampered with. It
// matches flow.ErrFormat.
var ErrUnreadable = fmt.Errorf("%w: pgbus: cannot decrypt it; do all machines have the same keys?", flow.ErrFormat)

// open opens what a table stores for a session.
func (b *Bus) open(sealed []byte, table, name string) ([]byte, error) {
	data, err := b.config.seal.Open(sealed, table, name)
	if err != nil {
		return nil, ErrUnreadable
	}
	return data, nil
}

// SQLSTATE codes; the first two digits are a class.
const (
	classConnection = "08"
	classResources  = "53"
	classOperator   = "57"
	classSystem     = "58"

	classShutdown       = "57P" // part of class 57; its others concern a single statement
	codeReadOnly        = "25006"
	codeSerialization   = "40001"
	codeDeadlock        = "40P01"
	codePrivilege       = "42501"
	codeNoTable         = "42P01"
	codeNoColumn        = "42703"
	codeNoSchema        = "3F000"
	codeNoStatement     = "26000"
	codeStatementExists = "42P05"
	codeDiskFull        = "53100"
	codeLockTimeout     = "55P03"
	codeIdleTimeout     = "25P03"
	codeDatabaseDropped = "57P04"
)

// code returns the SQLSTATE of a server's error; empty if the server was not
// reached or did not respond.
func code(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// isFinal reports whether a retry would have the same outcome: the server has
// decided, or the pool is closed.
func isFinal(err error) bool {
	for _, final := range []error{flow.ErrConflict, flow.ErrExpired, flow.ErrClosed, puddle.ErrClosedPool} {
		if errors.Is(err, final) {
			return true
		}
	}
	c := code(err)
	if c == "" {
		_, own := errors.AsType[*callersError](err)
		return own
	}
	switch c {
	case codeReadOnly, codeSerialization, codeDeadlock, codeLockTimeout, codeIdleTimeout:
		return false
	case codeDiskFull, codeDatabaseDropped:
		return true
	}
	switch c[:2] {
	case classConnection, classResources, classOperator, classSystem:
		return false
	}
	return true
}

// endsAll reports whether an error ends all subscriptions: tables or privileges
// were removed, or the pool is closed, so no event would ever arrive. Other
// errors come from a server that is unreachable for a while, or refuses
// connections; subscriptions wait until it is back.
func endsAll(err error) bool {
	switch code(err) {
	case codePrivilege, codeNoTable, codeNoSchema, codeNoColumn:
		return true
	case "":
		return isFinal(err)
	}
	return false
}

// isStale reports whether a working connection is useless: its server has
// become read-only, or is shutting down.
func isStale(err error) bool {
	c := code(err)
	return c == codeReadOnly || strings.HasPrefix(c, classShutdown)
}

// explain adds what an operator should look for.
func explain(err error) error {
	if err == nil || errors.Is(err, flow.ErrConflict) || errors.Is(err, flow.ErrExpired) {
		return err
	}
	if errors.Is(err, puddle.ErrClosedPool) {
		return fmt.Errorf("pgbus: the pool is closed: %w: %w", flow.ErrClosed, err)
	}
	if _, ok := errors.AsType[*callersError](err); ok || errors.Is(err, errNoConn) || errors.Is(err, errSilent) {
		return err
	}
	switch code(err) {
	case "":
		if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
			return fmt.Errorf("pgbus: no connection to a PostgreSQL server: %w", oneLine{err})
		}
	case codePrivilege:
		return &PermissionError{Object: objectOf(err), cause: err}
	case codeNoTable, codeNoSchema, codeNoColumn:
		return fmt.Errorf("pgbus: the tables do not exist, or have another version; see pgbus.Migrate: %w", err)
	case codeDiskFull:
		return fmt.Errorf("%w: pgbus: no room on a disk of the server: %w", flow.ErrFull, err)
	case codeReadOnly:
		return fmt.Errorf("pgbus: the server is a standby or read-only; does the pool ask for target_session_attrs=read-write? %w", err)
	case codeNoStatement, codeStatementExists:
		return fmt.Errorf("pgbus: a pooler has moved prepared statements to another connection; set default_query_exec_mode=exec for the pool: %w", err)
	}
	return fmt.Errorf("pgbus: %w", err)
}

// oneLine is an error whose text has no line breaks, as a log needs it: pgx writes
// a line for each address that it has tried.
type oneLine struct{ error }

func (e oneLine) Error() string { return strings.Join(strings.Fields(e.error.Error()), " ") }

func (e oneLine) Unwrap() error { return e.error }

// objectOf returns the object that the server refused: its message ends in kind
// and name.
func objectOf(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		_, object, _ := strings.Cut(e.Message, "for ")
		return object
	}
	return ""
}

// errSilent: a request had no response. errNoConn: it found no connection in time.
var (
	errSilent = errors.New("pgbus: the PostgreSQL server does not respond, or an open transaction holds the call")
	errNoConn = errors.New("pgbus: no connection of the pool became free, or could be opened, in time")
)

// gaveUp is the error of a request that was tried until ctx ended. It includes
// the result of the last attempt.
func gaveUp(ctx context.Context, last error) error {
	if !errors.Is(last, errNoConn) && (errors.Is(last, context.DeadlineExceeded) || errors.Is(last, context.Canceled)) {
		last = errSilent
	}
	return fmt.Errorf("%w: %w", explain(last), ctx.Err())
}
