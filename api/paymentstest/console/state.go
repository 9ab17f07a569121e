package console

import (
	"net/http"
	"slices"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// state is what the console holds beside the server.
type state struct {
	Faults   []armedFault  `json:"faults"`
	Delivery deliveryRule  `json:"delivery"`
	Gateway  gatewayRule   `json:"gateway"`
	Held     []heldPayment `json:"held"`
	Plays    []play        `json:"plays"`
	Viewers  int           `json:"viewers"`
}

// change wakes the streams. The caller holds the lock.
func (c *Console) change() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// state returns what the console holds, and what is closed when it changes.
func (c *Console) state() (state, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := state{
		Faults: make([]armedFault, 0, len(c.faults)), Delivery: c.rule, Gateway: c.gateway,
		Held: append([]heldPayment{}, c.held...), Plays: []play{}, Viewers: c.viewers,
	}
	for _, p := range c.plays {
		s.Plays = append(s.Plays, *p)
	}
	for _, f := range c.faults {
		s.Faults = append(s.Faults, *f)
	}
	return s, c.changed
}

// unhold forgets a payment that was held: it was decided, or its session ended.
func (c *Console) unhold(session string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := len(c.held)
	c.held = slices.DeleteFunc(c.held, func(h heldPayment) bool { return h.Session == session })
	if len(c.held) < before {
		c.change()
	}
}

// whole is the body of snapshot.
type whole struct {
	Journal     paymentstest.Snapshot `json:"journal"`
	Assumptions map[string]any        `json:"assumptions"`
	Omitted     omitted               `json:"omitted"`
	state
}

// omitted is how many of the oldest are left out of a snapshot.
type omitted struct {
	Calls    int `json:"calls"`
	Sessions int `json:"sessions"`
	Ledger   int `json:"ledger"`
}

// maxListed is how many calls, sessions and lines of the ledger a snapshot has.
const maxListed = 1000

// newest are the last of a list, and how many come before them.
func newest[T any](list []T) ([]T, int) {
	n := max(len(list)-maxListed, 0)
	return list[n:], n
}

func (c *Console) whole() whole {
	journal, left := c.srv.Snapshot(), omitted{}
	journal.Calls, left.Calls = newest(journal.Calls)
	journal.Sessions, left.Sessions = newest(journal.Sessions)
	journal.Ledger, left.Ledger = newest(journal.Ledger)
	for i, s := range journal.Sessions {
		journal.Sessions[i] = withoutDigitsOf(s)
	}
	for _, sess := range journal.Sessions {
		if sess.Phase == paymentstest.PhaseEnded {
			c.unhold(sess.SID)
		}
	}
	s, _ := c.state()
	return whole{Journal: journal, Assumptions: shownAssumptions(journal.Assumptions), Omitted: left, state: s}
}

func (c *Console) snapshot(w http.ResponseWriter, _ *http.Request) error {
	reply(w, http.StatusOK, c.whole())
	return nil
}
