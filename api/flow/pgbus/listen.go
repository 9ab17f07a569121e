package pgbus

import (
	"context"
	"crypto/rand"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/twiliopay/twiliopay-go/internal/sleep"
)

// silence is how long a listening connection may be quiet before the bus
// notifies itself, to check that the connection still gets what the pool's
// server sends. Meanwhile polling finds new events.
const silence = 10 * time.Second

// probe is the prefix of a notification that is not about an event.
const probe = "probe "

// listen opens the listening connection.
func (b *Bus) listen(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	connect := b.config.listen
	if connect == nil {
		connect = b.connect
	}
	conn, err := connect(ctx)
	if err != nil {
		return nil, explain(err)
	}
	if _, err := conn.Exec(ctx, "LISTEN "+identifier(b.config.channel()), pgx.QueryExecModeSimpleProtocol); err != nil {
		hangUp(conn)
		return nil, explain(err)
	}
	return conn, nil
}

// connect opens a connection as the pool does, but outside of it: listening
// takes none of the pool's connections, however few it has.
func (b *Bus) connect(ctx context.Context) (*pgx.Conn, error) {
	pool := b.pool.Config()
	c := pool.ConnConfig
	if pool.BeforeConnect != nil { // it may supply a short-lived password
		if err := pool.BeforeConnect(ctx, c); err != nil {
			return nil, err
		}
	}
	return pgx.ConnectConfig(ctx, c)
}

// checkListening sends a notification over the pool and waits for it on the listening
// connection.
func (b *Bus) checkListening(ctx context.Context, listening *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	mine := probe + rand.Text()
	_, err := again(ctx, b, func(ctx context.Context, conn *pgx.Conn) (struct{}, error) {
		_, err := conn.Exec(ctx, b.sql.notify, b.config.channel(), []string{mine})
		return struct{}{}, err
	})
	if err != nil {
		return err
	}
	for {
		n, err := listening.WaitForNotification(ctx)
		if err != nil {
			return &SettingError{Setting: "the listening connection", Found: "no notification sent over the pool",
				Wanted: "a connection to the same database, and not through a pooler: see WithListenConn", cause: err}
		}
		if n.Payload == mine {
			return nil
		}
	}
}

// keepListening listens until the bus is closed, and reconnects when necessary.
func (b *Bus) keepListening(conn *pgx.Conn) {
	for {
		b.hearAll(conn)
		hangUp(conn)
		for most := firstPause; ; most = min(2*most, longPause) {
			if sleep.Jittered(b.ctx, most) != nil {
				return
			}
			var err error
			if conn, err = b.listen(b.ctx); err == nil {
				break
			}
		}
		full(b.hub.look) // for missed events
	}
}

// hearAll receives notifications until the connection is lost or falls silent.
func (b *Bus) hearAll(conn *pgx.Conn) {
	for {
		n, err := b.hearOne(conn, b.config.silence)
		if pgconn.Timeout(err) && b.ctx.Err() == nil {
			b.sender.send(probe)
			n, err = b.hearOne(conn, attemptTime)
		}
		if err != nil {
			return
		}
		b.take(n)
	}
}

func (b *Bus) hearOne(conn *pgx.Conn, within time.Duration) (*pgconn.Notification, error) {
	ctx, cancel := context.WithTimeout(b.ctx, within)
	defer cancel()
	return conn.WaitForNotification(ctx)
}

// take reads a notification: the SID of a call and the number of an event.
// Anyone who can connect to the database can send others; each causes one useless
// read at most.
func (b *Bus) take(n *pgconn.Notification) {
	call, text, _ := strings.Cut(n.Payload, " ")
	if number, err := strconv.ParseInt(text, 10, 64); err == nil {
		b.hub.noteEvent(call, number)
	}
}

// sender notifies the other processes of committed events, in transactions of
// its own, each for all events that are pending. A transaction that notifies
// commits under a lock of the whole server, so such transactions wait for each
// other's disk writes and replicas. One that only notifies writes nothing and
// waits for neither.
type sender struct {
	bus     *Bus
	pending chan string
}

// maxPending is how many notifications can wait to be sent. Polling finds the
// events beyond that.
const maxPending = 10_000

func newSender(b *Bus) *sender { return &sender{bus: b, pending: make(chan string, maxPending)} }

func (s *sender) send(payload string) {
	select {
	case s.pending <- payload:
	default:
	}
}

func (s *sender) run() {
	for {
		select {
		case first := <-s.pending:
			batch := []string{first}
			for more := true; more && len(batch) < readSize; {
				select {
				case p := <-s.pending:
					batch = append(batch, p)
				default:
					more = false
				}
			}
			_, _ = again(s.bus.ctx, s.bus, func(ctx context.Context, conn *pgx.Conn) (struct{}, error) {
				_, err := conn.Exec(ctx, s.bus.sql.notify, s.bus.config.channel(), batch)
				return struct{}{}, err
			}) // if this fails, the others find the events by polling
		case <-s.bus.ctx.Done():
			return
		}
	}
}
