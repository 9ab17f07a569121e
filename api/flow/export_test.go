package flow

import "time"

// Forget makes the bus forget a session, as when its expiry is over.
func (m *Memory) Forget(s Session) {
	m.mu.Lock()
	defer m.unlock()
	for _, account := range []string{s.AccountSID, ""} {
		if l := m.lines[s.CallSID]; l != nil && l.part(account) != nil {
			m.forget(l.part(account))
		}
	}
}

// WithClock gives a flow the clock of its machine.
func WithClock(now func() time.Time) Option {
	return func(c *config) error {
		c.now = now
		return nil
	}
}
