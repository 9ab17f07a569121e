package natsbus

import (
	"context"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// A session is forgotten as a whole, when nothing was published or swapped for
// it during the expiry. Servers forget messages one by one, by their age: stream
// and bucket keep everything for twice the expiry, so that all of a session is
// there for as long as it is remembered, and what is there of one that is
// forgotten is not shown. Ages are those of the servers' clocks.

// alive reports whether something that the servers took at a time is reason
// enough to remember its session. When it is not, something later may be.
func (b *Bus) alive(at int64) bool {
	expiry := b.expiry.Load()
	return expiry == 0 || at > time.Now().UnixNano()-expiry
}

// remaining returns how long a session is remembered from now on if nothing
// happens to it; 0 or less when it is forgotten.
func (b *Bus) remaining(ctx context.Context, s flow.Session) (time.Duration, error) {
	now, err := b.findEnd(ctx)
	if err != nil {
		return 0, err
	}
	expiry := b.expiry.Load()
	if expiry == 0 {
		return forever, nil
	}
	var latest int64
	for stream, subject := range b.config.places(s) {
		e, err := b.ask(ctx, stream, getRequest{LastOf: subject})
		if err != nil {
			return 0, err
		}
		if e != nil {
			latest = max(latest, e.at)
		}
	}
	if latest == 0 {
		return 0, nil
	}
	return time.Duration(latest + expiry - now.now), nil
}

// forever is longer than anything lasts.
const forever = 1<<63 - 1

// remembered returns what is left of messages without sessions that are
// forgotten.
func (b *Bus) remembered(ctx context.Context, all []taken) ([]flow.Message, error) {
	latest := make(map[flow.Session]int64)
	for _, m := range all {
		latest[m.Session] = max(latest[m.Session], m.at)
	}
	forgotten := make(map[flow.Session]bool)
	for s, at := range latest {
		if !b.alive(at) {
			remaining, err := b.remaining(ctx, s)
			if err != nil {
				return nil, err
			}
			forgotten[s] = remaining <= 0
		}
	}
	var past []flow.Message
	for _, m := range all {
		if !forgotten[m.Session] {
			past = append(past, m.Message)
		}
	}
	return past, nil
}

// taken is a message and when the servers took it.
type taken struct {
	flow.Message
	at int64
}
