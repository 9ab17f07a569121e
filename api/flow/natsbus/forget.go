package natsbus

import (
	"context"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// A session is forgotten as a whole, once nothing was published or swapped for
// it during the expiry. Servers, however, delete messages one by one, by age.
// Stream and bucket therefore keep everything for twice the expiry, so that a
// remembered session is always complete, and the bus hides what is stored of a
// forgotten one. Ages are measured by the servers' clocks.

// alive reports whether something that the servers stored at a time is recent
// enough to keep its session. If not, something later may be.
func (b *Bus) alive(at int64) bool {
	expiry := b.expiry.Load()
	return expiry == 0 || at > time.Now().UnixNano()-expiry
}

// remaining returns how long a session is kept from now on without activity; 0
// or less if it is forgotten.
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

// forever is longer than any expiry.
const forever = 1<<63 - 1

// remembered leaves out messages of forgotten sessions.
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

// taken is a message and when the servers stored it.
type taken struct {
	flow.Message
	at int64
}
