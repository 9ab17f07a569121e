package natsbus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// duplicates is how long the stream recognizes a delivery by its ID.
const duplicates = 2 * time.Minute

// kept is how many expiries servers keep a message for: see forget.go.
const kept = 2

// Defaults for creation.
const (
	defaultReplicas = 1
	defaultExpiry   = 24 * time.Hour
)

// eventsConfig is the configuration with which the stream of events is created.
func (c config) eventsConfig() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: c.stream(), Description: "status callbacks of payment sessions", Subjects: []string{c.subjects()},
		Replicas: first(c.replicas, defaultReplicas), Storage: c.storage, MaxAge: kept * first(c.expiry, defaultExpiry),
		MaxBytes: first(c.maxBytes, -1), Discard: jetstream.DiscardNew, Duplicates: duplicates, AllowDirect: true,
	}
}

// bucketConfig is the configuration with which the bucket's stream is created.
// It is an ordinary bucket.
func (c config) bucketConfig() jetstream.StreamConfig {
	config := jetstream.StreamConfig{
		Name: c.bucketStream(), Description: "who acts in a payment session", Subjects: []string{"$KV." + c.bucket() + ".>"},
		Replicas: first(c.replicas, defaultReplicas), Storage: c.storage, MaxAge: kept * first(c.expiry, defaultExpiry),
		MaxMsgsPerSubject: 1, MaxBytes: -1, Discard: jetstream.DiscardNew, Duplicates: duplicates,
		AllowRollup: true, DenyDelete: true,
	}
	if c.maxBytes != 0 {
		config.MaxBytes = bucketBytes(c.maxBytes)
	}
	return config
}

// bucketBytes is the bucket's limit for a given limit of the stream: a record
// takes less than a fiftieth of a session's events.
func bucketBytes(stream int64) int64 { return max(stream/8, minBytes) }

const minBytes = 1 << 20

func first[T comparable](given, otherwise T) T {
	var none T
	if given != none {
		return given
	}
	return otherwise
}

// find returns an existing stream unchanged, or creates it.
func (b *Bus) find(ctx context.Context, wanted jetstream.StreamConfig) error {
	stream, err := b.stream(ctx, wanted.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		stream, err = again(ctx, b, func(ctx context.Context) (jetstream.Stream, error) {
			return b.js.CreateStream(ctx, wanted)
		}, b.api()+"STREAM.CREATE."+wanted.Name)
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // another process has just created it
			stream, err = b.stream(ctx, wanted.Name)
		}
	}
	if err != nil {
		return fmt.Errorf("%w (stream %s)", err, wanted.Name)
	}
	return b.config.compare(stream.CachedInfo().Config, wanted)
}

func (b *Bus) stream(ctx context.Context, name string) (jetstream.Stream, error) {
	return again(ctx, b, func(ctx context.Context) (jetstream.Stream, error) {
		return b.js.Stream(ctx, name)
	}, b.api()+"STREAM.INFO."+name)
}

// MismatchError means that a stream exists but is not as the bus or an option
// requires. [New] changes nothing: leave the option out to use the stream as it
// is, or change it with [Update].
type MismatchError struct {
	Stream  string // name of the stream; that of a bucket starts with KV_
	Setting string
	Found   string
	Wanted  string
}

// Error returns stream, setting, and what was found and wanted.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("natsbus: stream %s: %s is %s, wanted %s; natsbus.Update changes it", e.Stream, e.Setting, e.Found, e.Wanted)
}

// compare returns an error for each setting of a stream that differs from an
// option or from what the bus needs.
func (c config) compare(found, wanted jetstream.StreamConfig) error {
	var errs []error
	check := func(ok bool, setting string, is, want any) {
		if !ok {
			errs = append(errs, &MismatchError{found.Name, setting, fmt.Sprint(is), fmt.Sprint(want)})
		}
	}
	check(c.replicas == 0 || found.Replicas == wanted.Replicas, "replicas (WithReplicas)", found.Replicas, wanted.Replicas)
	check(!c.memory || found.Storage == wanted.Storage, "storage (WithMemoryStorage)", found.Storage, wanted.Storage)
	check(c.expiry == 0 || found.MaxAge == wanted.MaxAge, "half of the maximum age (WithExpiry)", found.MaxAge/kept, wanted.MaxAge/kept)
	check(c.maxBytes == 0 || found.MaxBytes == wanted.MaxBytes, "maximum size in bytes (WithMaxBytes)", found.MaxBytes, wanted.MaxBytes)

	check(found.MaxAge == 0 || found.MaxAge >= kept*minExpiry, "maximum age", found.MaxAge, "0 or at least "+(kept*minExpiry).String())
	check(slices.Equal(found.Subjects, wanted.Subjects), "subjects", found.Subjects, wanted.Subjects)
	check(found.Retention == jetstream.LimitsPolicy, "retention", found.Retention, jetstream.LimitsPolicy)
	check(found.Discard == jetstream.DiscardNew, "discard policy", found.Discard, jetstream.DiscardNew)
	check(!found.NoAck, "no-ack", found.NoAck, false)
	if wanted.MaxMsgsPerSubject < 1 {
		check(found.MaxMsgsPerSubject < 1, "maximum number of messages per subject", found.MaxMsgsPerSubject, "no limit")
		check(found.Duplicates > 0, "duplicate window", found.Duplicates, duplicates)
	}
	return errors.Join(errs...)
}

// change changes a stream to what the options say and the bus needs. Other
// settings stay.
func (b *Bus) change(ctx context.Context, wanted jetstream.StreamConfig) error {
	stream, err := b.stream(ctx, wanted.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return b.find(ctx, wanted)
	}
	if err != nil {
		return fmt.Errorf("%w (stream %s)", err, wanted.Name)
	}
	config := stream.CachedInfo().Config
	c := b.config
	if c.replicas != 0 {
		config.Replicas = wanted.Replicas
	}
	if c.memory {
		config.Storage = wanted.Storage
	}
	if c.expiry != 0 || config.MaxAge != 0 && config.MaxAge < kept*minExpiry {
		config.MaxAge = wanted.MaxAge
	}
	if c.maxBytes != 0 {
		config.MaxBytes = wanted.MaxBytes
	}
	config.Subjects, config.Retention, config.Discard, config.NoAck = wanted.Subjects, wanted.Retention, wanted.Discard, false
	if wanted.MaxMsgsPerSubject < 1 {
		config.MaxMsgsPerSubject, config.Duplicates = wanted.MaxMsgsPerSubject, max(config.Duplicates, duplicates)
	}
	if b.config.compare(stream.CachedInfo().Config, wanted) == nil {
		return nil
	}
	_, err = again(ctx, b, func(ctx context.Context) (jetstream.Stream, error) {
		return b.js.UpdateStream(ctx, config)
	}, b.api()+"STREAM.UPDATE."+wanted.Name)
	if err != nil {
		return fmt.Errorf("%w (stream %s)", err, wanted.Name)
	}
	return nil
}
