package pgbus

import (
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// Schema returns the name of the schema.
func (b *Bus) Schema() string { return b.config.schema }

// WithSilence sets after how much silence the bus notifies itself.
func WithSilence(d time.Duration) Option {
	return func(c *config) error {
		c.silence = d
		return nil
	}
}

// Held returns how many events a subscription holds.
func Held(live flow.Subscription) int {
	s := live.(*subscription)
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	return len(s.queue)
}

// Age makes a subscription older.
func Age(live flow.Subscription, by time.Duration) {
	s := live.(*subscription)
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.since = s.since.Add(-by)
}
