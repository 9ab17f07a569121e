package natsbus

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// duplicates is how long the stream knows a delivery by its ID.
const duplicates = 2 * time.Minute

// makeStream makes the stream, or changes the one there is.
func (b *Bus) makeStream(ctx context.Context) (jetstream.Stream, error) {
	c := b.config
	stream := jetstream.StreamConfig{
		Name: c.stream(), Description: "status callbacks of payment sessions", Subjects: []string{c.name + ".events.*.*.*"},
		Replicas: c.replicas, Storage: c.storage, MaxAge: kept * c.expiry, MaxBytes: c.maxBytes, MaxConsumers: maxConsumers,
		Discard: jetstream.DiscardNew, Duplicates: min(duplicates, c.expiry), AllowDirect: true,
	}
	switch old, err := b.js.Stream(ctx, c.stream()); {
	case err == nil:
		stream.MaxConsumers = old.CachedInfo().Config.MaxConsumers // which cannot be changed
	case !errors.Is(err, jetstream.ErrStreamNotFound):
		return nil, err
	}
	made, err := b.js.CreateOrUpdateStream(ctx, stream)
	if errors.Is(err, jetstream.ErrMaximumConsumersLimit) {
		stream.MaxConsumers = -1 // the account has a limit of its own
		made, err = b.js.CreateOrUpdateStream(ctx, stream)
	}
	return made, err
}

// kept is how many times the expiry servers keep a message: see forget.go.
const kept = 2

// maxConsumers is how many subscriptions there may be at the same time, on all
// machines. Servers allow a stream a thousand unless it asks for more.
const maxConsumers = 100_000

// makeBucket makes the bucket, or changes the one there is. It is a bucket like
// any other, but read from the server that leads it: others may be behind, and a
// session that was just started must be found.
func (b *Bus) makeBucket(ctx context.Context) (jetstream.KeyValue, error) {
	c := b.config
	_, err := b.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: "KV_" + c.bucket(), Description: "who acts in a payment session", Subjects: []string{"$KV." + c.bucket() + ".>"},
		Replicas: c.replicas, Storage: c.storage, MaxAge: kept * c.expiry, MaxMsgsPerSubject: 1, MaxBytes: -1,
		Discard: jetstream.DiscardNew, Duplicates: min(duplicates, c.expiry), AllowRollup: true, DenyDelete: true, AllowDirect: false,
	})
	if err != nil {
		return nil, err
	}
	return b.js.KeyValue(ctx, c.bucket())
}
