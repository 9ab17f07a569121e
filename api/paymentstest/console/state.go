package console

import (
	"net/http"
	"slices"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// state is the console's own state, beside the server's.
type state struct {
	Faults   []armedFault  `json:"faults"`
	Delivery deliveryRule  `json:"delivery"`
	Gateway  gatewayRule   `json:"gateway"`
	Held     []heldPayment `json:"held"`
	Plays    []play        `json:"plays"`
	Viewers  int           `json:"viewers"`
}

// change wakes the streams. The caller must hold the lock.
func (c *Console) change() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// state returns the console's state, and a channel that is closed when it changes.
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

// unhold removes a held payment that was decided or whose session has ended.
func (c *Console) unhold(session string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := len(c.held)
	c.held = slices.DeleteFunc(c.held, func(h heldPayment) bool { return h.Session == session })
	if len(c.held) < before {
		c.change()
	}
}

// whole is the response body of snapshot.
type whole struct {
	Journal     paymentstest.Snapshot `json:"journal"`
	Assumptions map[string]any        `json:"assumptions"`
	Omitted     omitted               `json:"omitted"`
	state
}

// omitted counts the oldest items that a snapshot leaves out.
type omitted struct {
	Calls    int `json:"calls"`
	Sessions int `json:"sessions"`
	Ledger   int `json:"ledger"`
}

// maxListed limits the calls, sessions and ledger lines of a snapshot.
const maxListed = 1000

// newest returns the last items of a list, and how many it leaves out.
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
