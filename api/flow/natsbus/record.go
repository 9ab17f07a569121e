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
	var entry jetstream.KeyValueEntry
	err := b.again(ctx, func(ctx context.Context) (err error) {
		entry, err = b.claims.Get(ctx, key(s))
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			entry, err = nil, nil
		}
		return err
	})
	if err != nil || entry == nil {
		return nil, 0, err
	}
	value, err := b.config.seal.open(entry.Value(), key(s))
	return value, entry.Revision(), err
}

// Swap implements flow.Bus. A write whose answer is lost is tried again, and
// then finds itself: that is [flow.ErrConflict].
func (b *Bus) Swap(ctx context.Context, s flow.Session, value []byte, revision uint64) (uint64, error) {
	if err := s.Validate(); err != nil {
		return 0, err
	}
	sealed := b.config.seal.seal(value, key(s))
	var written uint64
	err := b.again(ctx, func(ctx context.Context) (err error) {
		if revision == 0 {
			written, err = b.claims.Create(ctx, key(s), sealed)
		} else {
			written, err = b.claims.Update(ctx, key(s), sealed, revision)
		}
		if errors.Is(err, jetstream.ErrKeyExists) || errors.Is(err, jetstream.ErrKeyRevisionMismatch) {
			return flow.ErrConflict
		}
		return err
	})
	return written, err
}
