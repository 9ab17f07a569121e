package pgbus

import (
	"context"
	"errors"
	"math/rand/v2"

	"github.com/jackc/pgx/v5"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// Load implements flow.Bus. It reads from the primary and never lags behind.
func (b *Bus) Load(ctx context.Context, s flow.Session) ([]byte, uint64, error) {
	if err := b.valid(ctx, s); err != nil {
		return nil, 0, err
	}
	type record struct {
		value    []byte
		revision int64
	}
	r, err := again(ctx, b, func(ctx context.Context, conn *pgx.Conn) (r record, err error) {
		err = conn.QueryRow(ctx, b.sql.load, s.CallSID, s.AccountSID, s.SID).Scan(&r.value, &r.revision)
		if errors.Is(err, pgx.ErrNoRows) {
			return record{}, nil
		}
		return r, err
	})
	if err != nil || r.revision == 0 {
		return nil, 0, err
	}
	value, err := b.open(r.value, b.config.records(), name(s))
	return value, uint64(r.revision), err // #nosec G115 -- revisions are positive
}

// Swap implements flow.Bus. A write whose response is lost is retried; if the
// retry finds its own revision, which no other write uses, it has succeeded.
func (b *Bus) Swap(ctx context.Context, s flow.Session, value []byte, revision uint64) (uint64, error) {
	if err := b.valid(ctx, s); err != nil {
		return 0, err
	}
	if revision > maxRevision {
		return 0, flow.ErrConflict // no record has it
	}
	next := nextRevision(revision)
	args := []any{
		s.CallSID, s.AccountSID, s.SID, b.config.seal.Seal(value, b.config.records(), name(s)),
		int64(next), b.config.expiry.Seconds(), // #nosec G115 -- at most maxRevision
	}
	sql := b.sql.create
	if revision != 0 {
		sql = b.sql.swap
		args = append(args, int64(revision)) // #nosec G115 -- at most maxRevision
	}
	written, err := again(ctx, b, func(ctx context.Context, conn *pgx.Conn) (now int64, err error) {
		err = conn.QueryRow(ctx, sql, args...).Scan(&now)
		if errors.Is(err, pgx.ErrNoRows) {
			err = conn.QueryRow(ctx, b.sql.load, s.CallSID, s.AccountSID, s.SID).Scan(nil, &now)
			if errors.Is(err, pgx.ErrNoRows) || err == nil && now != int64(next) { // #nosec G115 -- at most maxRevision
				return 0, flow.ErrConflict
			}
		}
		return now, err
	})
	return uint64(written), err // #nosec G115 -- revisions are positive
}

func (c config) records() string { return c.schema + ".sessions" }

// A revision exceeds the previous one by a random step from a random start. So
// no two writes have the same revision, even if a session was forgotten and
// starts again, or if a server takes over that has lost the latest writes. A
// write that is based on a lost one is a conflict.
const (
	revisionStart = 1 << 61
	revisionStep  = 1 << 31
	maxRevision   = 1<<63 - 1 - revisionStep
)

func nextRevision(revision uint64) uint64 {
	if revision == 0 {
		return 1 + rand.Uint64N(revisionStart) // #nosec G404 -- it must be unique, not secret
	}
	return revision + 1 + rand.Uint64N(revisionStep) // #nosec G404 -- likewise
}
