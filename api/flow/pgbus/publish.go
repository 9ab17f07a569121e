package pgbus

import (
	"context"
	"crypto/sha256"
	"errors"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// Publish implements flow.Bus. It returns nil when the event is committed. A
// repeated delivery is recognized for as long as the session is kept.
func (b *Bus) Publish(ctx context.Context, m flow.Message) error {
	if err := b.valid(ctx, m.Session); err != nil {
		return err
	}
	sql, args := b.event(m)
	number, err := again(ctx, b, func(ctx context.Context, conn *pgx.Conn) (int64, error) {
		return insert(ctx, conn, sql, args)
	})
	if err == nil {
		b.announce(m.Session.CallSID, number)
	}
	return err
}

// PublishTx is [Bus.Publish] within a transaction of the application: the event
// is published if and when the transaction commits. PublishTx reports whether
// the event is new; if not, an earlier transaction has handled it, and this one
// has nothing more to do.
//
// Until it ends, the transaction blocks other writes for the same call,
// including steps of its flows: keep it short, and do not wait for a flow in
// it. After an error the transaction must be rolled back. Nothing is retried.
func (b *Bus) PublishTx(ctx context.Context, tx pgx.Tx, m flow.Message) (kept bool, err error) {
	if tx == nil {
		return false, errors.New("pgbus: PublishTx needs a transaction")
	}
	if err := b.valid(ctx, m.Session); err != nil {
		return false, err
	}
	_, args := b.event(m)
	sql := b.sql.publishIn
	if m.Final {
		sql = b.sql.publishFinalIn
	}
	var number int64
	err = tx.QueryRow(ctx, sql, append(args, b.config.channel())...).Scan(&number, nil)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil, explain(err)
}

// InTx returns b as a bus whose Publish also calls a function, within the
// transaction that stores the event: what the function writes through tx and
// the event are committed together, or neither is. Give it to flow.Handler:
//
//	handler, err := flow.Handler(bus.InTx(func(ctx context.Context, tx pgx.Tx, m flow.Message) error {
//		_, err := tx.Exec(ctx, "UPDATE orders SET …")
//		return err
//	}))
//
// The function is called for new events, including notes of flows, but not for
// a delivery that is repeated after its commit. If the transaction cannot be
// committed, the function is called again in another one, until ctx ends or for
// ten seconds at most. If the function fails, the transaction is rolled back
// and Publish returns the error; Twilio gets status 500. The rules for the
// transaction of [Bus.PublishTx] apply here too.
//
// The message is as Twilio sent it, tokens included, with or without a key.
func (b *Bus) InTx(do func(ctx context.Context, tx pgx.Tx, m flow.Message) error) flow.Bus {
	return txBus{b, do}
}

type txBus struct {
	*Bus
	do func(context.Context, pgx.Tx, flow.Message) error
}

func (b txBus) Publish(ctx context.Context, m flow.Message) error {
	if err := b.valid(ctx, m.Session); err != nil {
		return err
	}
	if b.do == nil {
		return errors.New("pgbus: InTx needs a function")
	}
	sql, args := b.event(m)
	number, err := again(ctx, b.Bus, func(ctx context.Context, conn *pgx.Conn) (number int64, err error) {
		err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			if number, err = insert(ctx, tx, sql, args); err != nil || number == 0 {
				return err
			}
			if err := b.do(ctx, tx, m); err != nil {
				return &callersError{err}
			}
			return nil
		})
		return number, err
	})
	if e, ok := errors.AsType[*callersError](err); ok {
		return e.error
	}
	if err == nil {
		b.announce(m.Session.CallSID, number)
	}
	return err
}

// callersError is an error of the application's function. It is not retried,
// unless the database reports a transient failure.
type callersError struct{ error }

func (e *callersError) Unwrap() error { return e.error }

// event returns the statement that stores a message, and its arguments.
func (b *Bus) event(m flow.Message) (sql string, args []any) {
	if !b.config.seal.HasKey() {
		m = m.WithoutTokens()
	}
	s := m.Session
	sql = b.sql.publish
	if m.Final {
		sql = b.sql.publishFinal
	}
	return sql, []any{
		s.CallSID, s.AccountSID, s.SID, digestOf(m),
		b.config.seal.Seal(m.Encode(), b.config.schema+".events", name(s)), b.config.expiry.Seconds(),
	}
}

// digestOf returns the digest that identifies a delivery on its call.
func digestOf(m flow.Message) []byte {
	digest := sha256.Sum256([]byte(m.Session.AccountSID + "\n" + m.Session.SID + "\n" + m.ID))
	return digest[:]
}

// name identifies a session's data in a table; seals are bound to it.
func name(s flow.Session) string { return s.AccountSID + "." + s.CallSID + "." + s.SID }

// insert stores a message and returns its number; 0 if it is stored already.
func insert(ctx context.Context, q interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}, sql string, args []any,
) (number int64, err error) {
	err = q.QueryRow(ctx, sql, args...).Scan(&number)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return number, err
}

// announce makes this process and the others read a committed event.
func (b *Bus) announce(call string, number int64) {
	if number != 0 {
		b.hub.noteEvent(call, number)
		b.sender.send(call + " " + strconv.FormatInt(number, 10))
	}
}

// valid returns why nothing of a session can be read or written.
func (b *Bus) valid(ctx context.Context, s flow.Session) error {
	if err := b.ready(ctx); err != nil {
		return err
	}
	return s.Validate()
}
