package pgbus

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// Bus is a flow.Bus over PostgreSQL. Create one per process with [New], and
// close it when all flows are closed.
type Bus struct {
	config config
	pool   *pgxpool.Pool
	sql    statements
	hub    *hub
	sender *sender

	ctx  context.Context // ends with Close
	stop context.CancelFunc
	work sync.WaitGroup
}

var _ flow.Bus = (*Bus)(nil)

// New returns a bus over a pool of connections. Server, credentials and TLS are
// those of the pool. The caller keeps ownership of the pool: close it after the
// bus.
//
// New changes nothing in the database. Missing tables, or tables of another
// version, are a [*SchemaError]: see [Migrate]. Each missing privilege is a
// [*PermissionError]. A server setting that breaks a guarantee of the bus is a
// [*SettingError], and so are notifications that do not arrive.
func New(ctx context.Context, pool *pgxpool.Pool, opts ...Option) (*Bus, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	if pool == nil {
		return nil, errors.New("pgbus: New needs a pool")
	}
	b := &Bus{config: c, pool: pool, sql: newStatements(c.schema)}
	b.ctx, b.stop = context.WithCancel(context.Background())
	b.hub = newHub(b)
	b.sender = newSender(b)
	if err := b.check(ctx); err != nil {
		b.stop()
		return nil, err
	}
	listening, err := b.listen(ctx)
	if err == nil {
		err = b.checkListening(ctx, listening)
	}
	if err != nil {
		if listening != nil {
			hangUp(listening)
		}
		b.stop()
		return nil, err
	}
	b.work.Go(func() { b.keepListening(listening) })
	b.work.Go(b.hub.read)
	b.work.Go(b.hub.poll)
	b.work.Go(b.sender.run)
	b.work.Go(b.keepForgetting)
	return b, nil
}

// Close ends all subscriptions with flow.ErrClosed and returns when the bus no
// longer uses the pool. The bus cannot be used afterwards.
func (b *Bus) Close() error {
	b.stop()
	b.hub.end(flow.ErrClosed)
	b.work.Wait()
	return nil
}

// Format prints only the schema, for every verb.
func (b *Bus) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "pgbus.Bus(%s)", b.config.schema) }

// ready returns why the bus cannot be used now.
func (b *Bus) ready(ctx context.Context) error {
	if b.ctx.Err() != nil {
		return flow.ErrClosed
	}
	return ctx.Err()
}
