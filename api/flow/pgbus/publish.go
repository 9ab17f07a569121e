package pgbus

import (
	"context"
	"crypto/sha256"
	"errors"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// Publish implements flow.Bus. It returns nil when the event is committed. The
// same delivery again is known for as long as the session is kept.
func (b *Bus) Publish(ctx context.Context, m flow.Message) error {
	if err := b.valid(ctx, m.Session); err != nil {
		return err
	}
	sql, args := b.event(m)
	number, err := again(ctx, b, func(ctx context.Context, conn *pgx.Conn) (int64, error) {
		return insert(ctx, conn, sql, args)
	})
	if err == nil {
		b.tell(m.Session.CallSID, number)
	}
	return err
}

// PublishTx is [Bus.Publish] within a transaction of the application's: the event
// is there when the transaction is committed, and not otherwise. It reports
// whether the event is new; when it is not, an earlier transaction has dealt with
// it, and this one has nothing more to do.
//
// Until it ends, the transaction keeps others from writing anything of the same
// call, steps of its flows too: keep it short, and wait for no flow in it. An
// error leaves the transaction to be rolled back. Nothing is tried again.
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
// transaction that keeps the event: what the function writes by tx and the event
// are committed together, or neither is. Give it to flow.Handler:
//
//	handler, err := flow.Handler(bus.InTx(func(ctx context.Context, tx pgx.Tx, m flow.Message) error {
//		_, err := tx.Exec(ctx, "UPDATE orders SET …")
//		return err
//	}))
//
// The function is called for events that are new, notes of flows too; not for a
// delivery that comes again after it was committed. When the transaction cannot
// be committed it is called again in another, at most until ctx ends or ten
// seconds are over. An error of its own rolls back, and Publish returns it: Twilio
// is answered 500. What holds for the transaction of [Bus.PublishTx] holds for
// this one.
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
		b.tell(m.Session.CallSID, number)
	}
	return err
}

// callersError is an error of the application's own function. It decides itself
// whether the same would come of it again, unless the database says so.
type callersError struct{ error }

func (e *callersError) Unwrap() error { return e.error }

// event returns the statement that keeps a message, and its arguments.
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

// digestOf returns what a delivery is known by on its call.
func digestOf(m flow.Message) []byte {
	digest := sha256.Sum256([]byte(m.Session.AccountSID + "\n" + m.Session.SID + "\n" + m.ID))
	return digest[:]
}

// name is what data of a session is sealed for, beside the table.
func name(s flow.Session) string { return s.AccountSID + "." + s.CallSID + "." + s.SID }

// insert keeps a message and returns its number; 0 when it is kept already.
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

// tell has this process and the others read an event that is committed.
func (b *Bus) tell(call string, number int64) {
	if number != 0 {
		b.hub.hear(call, number)
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
