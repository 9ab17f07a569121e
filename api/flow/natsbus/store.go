package natsbus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// duplicates is how long the stream knows a delivery by its ID.
const duplicates = 2 * time.Minute

// kept is how many times the expiry servers keep a message: see forget.go.
const kept = 2

// What is made where no option says otherwise.
const (
	defaultReplicas = 1
	defaultExpiry   = 24 * time.Hour
)

// eventsConfig is the stream of events as it is made.
func (c config) eventsConfig() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: c.stream(), Description: "status callbacks of payment sessions", Subjects: []string{c.subjects()},
		Replicas: first(c.replicas, defaultReplicas), Storage: c.storage, MaxAge: kept * first(c.expiry, defaultExpiry),
		MaxBytes: first(c.maxBytes, -1), Discard: jetstream.DiscardNew, Duplicates: duplicates, AllowDirect: true,
	}
}

// bucketConfig is the bucket's stream as it is made. It is a bucket like any
// other.
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

// bucketBytes is the bound of the bucket beside one of the stream: a record has
// less than a fiftieth of the bytes of a session's events.
func bucketBytes(stream int64) int64 { return max(stream/8, minBytes) }

const minBytes = 1 << 20

func first[T comparable](given, otherwise T) T {
	var none T
	if given != none {
		return given
	}
	return otherwise
}

// find returns a stream as it is, made when there is none. It changes nothing.
func (b *Bus) find(ctx context.Context, wanted jetstream.StreamConfig) error {
	stream, err := b.stream(ctx, wanted.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		stream, err = again(ctx, b, func(ctx context.Context) (jetstream.Stream, error) {
			return b.js.CreateStream(ctx, wanted)
		}, b.api()+"STREAM.CREATE."+wanted.Name)
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // another process has made it meanwhile
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

// MismatchError says that a stream is there and not as it has to be, or not as an
// option says. [New] changes nothing: leave the option out to use the stream as
// it is, or change it by [Update].
type MismatchError struct {
	Stream  string // name of the stream; that of a bucket begins with KV_
	Setting string
	Found   string
	Wanted  string
}

// Error returns stream, setting, and what was found and wanted.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("natsbus: stream %s: %s is %s, wanted %s; natsbus.Update changes it", e.Stream, e.Setting, e.Found, e.Wanted)
}

// compare returns what of a stream is not as an option says, or as the bus needs
// it.
func (c config) compare(found, wanted jetstream.StreamConfig) error {
	var errs []error
	check := func(ok bool, setting string, is, want any) {
		if !ok {
			errs = append(errs, &MismatchError{found.Name, setting, fmt.Sprint(is), fmt.Sprint(want)})
		}
	}
	check(c.replicas == 0 || found.Replicas == wanted.Replicas, "replicas (WithReplicas)", found.Replicas, wanted.Replicas)
	check(!c.memory || found.Storage == wanted.Storage, "storage (WithMemoryStorage)", found.Storage, wanted.Storage)
	check(c.expiry == 0 || found.MaxAge == wanted.MaxAge, "half of the greatest age (WithExpiry)", found.MaxAge/kept, wanted.MaxAge/kept)
	check(c.maxBytes == 0 || found.MaxBytes == wanted.MaxBytes, "greatest size in bytes (WithMaxBytes)", found.MaxBytes, wanted.MaxBytes)

	check(found.MaxAge == 0 || found.MaxAge >= kept*minExpiry, "greatest age", found.MaxAge, "0 or at least "+(kept*minExpiry).String())
	check(slices.Equal(found.Subjects, wanted.Subjects), "subjects", found.Subjects, wanted.Subjects)
	check(found.Retention == jetstream.LimitsPolicy, "retention", found.Retention, jetstream.LimitsPolicy)
	check(found.Discard == jetstream.DiscardNew, "discard policy", found.Discard, jetstream.DiscardNew)
	check(!found.NoAck, "no-ack", found.NoAck, false)
	if wanted.MaxMsgsPerSubject < 1 {
		check(found.MaxMsgsPerSubject < 1, "greatest number of messages per subject", found.MaxMsgsPerSubject, "no limit")
		check(found.Duplicates > 0, "duplicate window", found.Duplicates, duplicates)
	}
	return errors.Join(errs...)
}

// change makes a stream as the options say, and as the bus needs it. What no
// option names stays.
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
