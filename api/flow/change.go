package flow

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow/internal/stored"
	"github.com/twiliopay/twiliopay-go/internal/sleep"
)

// busTries is how often a record is read or written if the bus fails; swapPause
// is the longest pause after a conflict.
const (
	busTries  = 3
	swapPause = 20 * time.Millisecond
)

// place is where a flow's record is stored.
type place struct {
	bus     Bus
	session Session
}

func (p place) Load(ctx context.Context) ([]byte, uint64, error) { return p.bus.Load(ctx, p.session) }

func (p place) Swap(ctx context.Context, value []byte, revision uint64) (uint64, error) {
	return p.bus.Swap(ctx, p.session, value, revision)
}

var recordCodec = stored.Codec[record]{Encode: record.encode, Decode: decodeRecord}

// shieldedChange is change where no caller is there whose request a panic of the bus
// could end: see [shielded].
func (f *Flow) shieldedChange(ctx context.Context, edit func(*record) error) error {
	return shielded(func() error { return f.change(ctx, edit) })
}

// change edits the record and swaps it in. Edit gets a record that was just
// read or written, and is called again if that record turns out to be stale. If
// edit fails, the record stays as it is; after any other error it may have been
// changed. If the record is missing, the flow ends with [ErrExpired].
func (f *Flow) change(ctx context.Context, edit func(*record) error) error {
	unlock, err := f.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	known, writer := f.known, f.newWriter()
	f.known = stored.Value[record]{}
	for failures, conflicts, fresh := 0, 0, false; ; {
		if !known.Known() {
			if known, err = f.read(ctx); err != nil {
				return err
			}
			if fresh = true; known.Content().Writer == writer {
				return f.keep(known) // it was written, but the response was lost
			}
		}
		next := known.Content()
		if err := edit(&next); err != nil {
			if fresh {
				return err
			}
			known = stored.Value[record]{} // the refusal may be due to a stale record
			continue
		}
		next.Format, next.Writer = recordFormat, writer
		written, err := known.Write(ctx, f.place(), recordCodec, next)
		if err == nil {
			return f.keep(written)
		}
		known, f.known = written, written // on an error, written is not known
		switch {
		case errors.Is(err, ErrConflict) && conflicts == 0: // the cached record was stale
			conflicts = 1
		case errors.Is(err, ErrConflict): // others write too, or the bus reads stale data
			if err := sleep.For(ctx, rand.N(swapPause)); err != nil { // #nosec G404 -- jitter is no secret
				return err
			}
		case failures < busTries-1 && ctx.Err() == nil:
			failures++
		default:
			return err
		}
	}
}

// register writes the first record, or finds an existing one: of an earlier
// start with the same key, or of another machine.
func (f *Flow) register(ctx context.Context, first record) error {
	unlock, err := f.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	first.Format, first.Writer = recordFormat, f.newWriter()
	for failures := 0; ; {
		found, err := stored.Read(ctx, f.place(), recordCodec)
		if errors.Is(err, stored.ErrNone) {
			found, err = stored.Create(ctx, f.place(), recordCodec, first)
		}
		switch {
		case err == nil:
			return f.keep(found)
		case errors.Is(err, ErrConflict):
			if err := sleep.For(ctx, rand.N(swapPause)); err != nil { // #nosec G404 -- jitter is no secret
				return err
			}
		case failures < busTries-1 && ctx.Err() == nil && !errors.Is(err, ErrFormat):
			failures++
		default:
			return err
		}
	}
}

// read reads the record. If it no longer exists, the flow ends.
func (f *Flow) read(ctx context.Context) (stored.Value[record], error) {
	known, err := stored.Read(ctx, f.place(), recordCodec)
	switch {
	case errors.Is(err, stored.ErrNone):
		f.fail(ErrExpired)
		return known, ErrExpired
	case err == nil:
		_ = f.keep(known)
	}
	return known, err
}

func (f *Flow) place() place { return place{f.bus, f.session} }

// lock waits until no other goroutine changes the record.
func (f *Flow) lock(ctx context.Context) (unlock func(), err error) {
	select {
	case f.changing <- struct{}{}:
		return func() { <-f.changing }, nil
	case <-ctx.Done():
		return nil, endOf(ctx)
	}
}

func (f *Flow) newWriter() string {
	f.writes++
	return f.owner + "." + strconv.Itoa(f.writes)
}

// keep caches the record as it was just read or written.
func (f *Flow) keep(known stored.Value[record]) error {
	f.known = known
	r := known.View()
	f.mu.Lock()
	f.seen = r
	f.latest = max(f.latest, r.last())
	ended := f.current && f.endBySeen()
	f.mu.Unlock()
	if ended {
		f.publishEnd()
	}
	return nil
}
