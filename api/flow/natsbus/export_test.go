package natsbus

import "github.com/twiliopay/twiliopay-go/api/flow"

// Due makes the subscriptions to a session's call check whether it is
// forgotten, as when the expiry is over.
func (b *Bus) Due(s flow.Session) {
	b.reader.mu.Lock()
	defer b.reader.mu.Unlock()
	for _, sub := range b.reader.subs[s.CallSID] {
		sub.due(0)
		sub.mu.Lock()
		sub.signal()
		sub.mu.Unlock()
	}
}
