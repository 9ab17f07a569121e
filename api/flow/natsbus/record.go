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
	entry, err := again(ctx, b, func(ctx context.Context) (jetstream.KeyValueEntry, error) {
		entry, err := b.claims.Get(ctx, key(s))
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			return nil, nil
		}
		return entry, err
	})
	if err != nil || entry == nil {
		return nil, 0, err
	}
	value, err := b.config.seal.open(entry.Value(), key(s))
	return value, entry.Revision(), err
}

// Swap implements flow.Bus. A write whose response is lost is tried again, and
// then finds itself: that is [flow.ErrConflict].
func (b *Bus) Swap(ctx context.Context, s flow.Session, value []byte, revision uint64) (uint64, error) {
	if err := s.Validate(); err != nil {
		return 0, err
	}
	sealed := b.config.seal.seal(value, key(s))
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
	})
}
