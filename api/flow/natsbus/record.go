package natsbus

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// Load implements flow.Bus.
func (b *Bus) Load(ctx context.Context, s flow.Session) ([]byte, uint64, error) {
	if err := s.Validate(); err != nil {
		return nil, 0, err
	}
	entry, err := b.get(ctx, s)
	if err != nil || entry == nil {
		return nil, 0, err
	}
	if remembered, err := b.isRemembered(ctx, s, entry); !remembered {
		return nil, 0, err
	}
	value, err := b.config.seal.open(entry.data, b.recordPlace(s))
	return value, entry.sequence, err
}

// Swap implements flow.Bus. A write whose response is lost is retried; the
// retry may meet its own write, and then returns [flow.ErrConflict].
func (b *Bus) Swap(ctx context.Context, s flow.Session, value []byte, revision uint64) (uint64, error) {
	if err := s.Validate(); err != nil {
		return 0, err
	}
	sealed := b.config.seal.seal(value, b.recordPlace(s))
	written, err := b.write(ctx, s, sealed, revision)
	if revision != 0 || !errors.Is(err, flow.ErrConflict) {
		return written, err
	}
	entry, getErr := b.get(ctx, s)
	if getErr != nil || entry == nil {
		return 0, err
	}
	if remembered, rememberErr := b.isRemembered(ctx, s, entry); remembered || rememberErr != nil {
		return 0, err
	}
	return b.write(ctx, s, sealed, entry.sequence) // replaces the record of a forgotten session
}

func (b *Bus) recordPlace(s flow.Session) place { return place{b.config.bucketStream(), key(s)} }

// get returns the stored record, or nil. It reads from the leader even if a
// bucket allows direct reads: a session that was just started must be found.
func (b *Bus) get(ctx context.Context, s flow.Session) (*entry, error) {
	e, err := b.ask(ctx, b.config.bucketStream(), getRequest{LastOf: b.config.recordSubject(s)})
	if e != nil && e.deleted {
		e = nil
	}
	return e, err
}

func (b *Bus) isRemembered(ctx context.Context, s flow.Session, record *entry) (bool, error) {
	if b.alive(record.at) {
		return true, nil
	}
	remaining, err := b.remaining(ctx, s)
	return err == nil && remaining > 0, err
}

func (b *Bus) write(ctx context.Context, s flow.Session, sealed []byte, revision uint64) (uint64, error) {
	return again(ctx, b, func(ctx context.Context) (written uint64, err error) {
		if revision == 0 {
			written, err = b.claims.Create(ctx, key(s), sealed)
		} else {
			written, err = b.claims.Update(ctx, key(s), sealed, revision)
		}
		if errors.Is(err, jetstream.ErrKeyExists) || errors.Is(err, jetstream.ErrKeyRevisionMismatch) {
			return 0, flow.ErrConflict
		}
		return written, err
	}, b.config.recordSubject(s), b.api()+b.config.recordSubject(s))
}
