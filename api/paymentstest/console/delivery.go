package console

import (
	"net/http"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// way is a way to deliver callbacks.
type way struct {
	Name  string   `json:"name"`
	Label string   `json:"label"`
	Needs []string `json:"needs"`
	make  func(time.Duration) paymentstest.Delivery
}

const wayOnce = "once"

var ways = []way{
	{wayOnce, "once, in order", nil, func(time.Duration) paymentstest.Delivery { return paymentstest.Once() }},
	{"twice", "twice", nil, func(time.Duration) paymentstest.Delivery { return paymentstest.Twice() }},
	{"late", "late, without holding up the next", []string{"delayMs"}, paymentstest.Late},
	{"never", "never", nil, func(time.Duration) paymentstest.Delivery { return paymentstest.Never() }},
	{"out-of-order", "out of order: after the next one", nil, func(time.Duration) paymentstest.Delivery { return paymentstest.AfterNext() }},
}

// deliveryRule decides how callbacks are delivered.
type deliveryRule struct {
	Way     string  `json:"way"`
	DelayMs int     `json:"delayMs,omitempty"`
	Call    string  `json:"call,omitempty"`
	Share   float64 `json:"share,omitempty"`
	// Times is how many callbacks the rule applies to, as the command set it, and Left
	// how many remain. Zero means all.
	Times *int `json:"times,omitempty"`
	Left  int  `json:"left"`
}

func (c *Console) setDelivery(w http.ResponseWriter, r *http.Request) error {
	var command struct {
		Way     string  `json:"way"`
		DelayMs int     `json:"delayMs"`
		Call    string  `json:"call"`
		Share   float64 `json:"share"`
		Times   *int    `json:"times"`
	}
	if err := read(w, r, &command); err != nil {
		return err
	}
	switch {
	case wayOf(command.Way) < 0:
		return badField("way", "must be one of %s", namesOf(ways, func(w way) string { return w.Name }))
	case command.DelayMs < 0 || command.DelayMs > int(maxDelay/time.Millisecond):
		return badField("delayMs", "must be 0 to %d", maxDelay/time.Millisecond)
	case command.Call != "" && !callPattern.MatchString(command.Call):
		return badField("call", "must be a call SID, CA and 32 hexadecimal digits")
	}
	if err := checkTimes(&command.Times, command.Share); err != nil {
		return err
	}
	if command.Way == "late" && command.DelayMs == 0 {
		command.DelayMs = 3000
	}
	rule := deliveryRule{Way: command.Way, DelayMs: command.DelayMs, Call: command.Call, Share: command.Share, Times: command.Times, Left: *command.Times}
	if rule.Way == wayOnce {
		rule = deliveryRule{Way: wayOnce}
	}
	c.mu.Lock()
	c.rule = rule
	c.change()
	c.mu.Unlock()
	reply(w, http.StatusOK, rule)
	return nil
}

func wayOf(name string) int {
	return slices.IndexFunc(ways, func(w way) bool { return w.Name == name })
}

// deliver applies the rule to a callback.
func (c *Console) deliver(b paymentstest.Callback) paymentstest.Delivery {
	c.mu.Lock()
	defer c.mu.Unlock()
	rule := &c.rule
	if rule.Way == wayOnce || rule.Call != "" && rule.Call != b.Event.CallSID || !chance(rule.Share) {
		return paymentstest.Delivery{}
	}
	delivery := ways[wayOf(rule.Way)].make(time.Duration(rule.DelayMs) * time.Millisecond)
	if rule.Left > 0 {
		if rule.Left--; rule.Left == 0 {
			c.rule = deliveryRule{Way: wayOnce}
		}
		c.change()
	}
	return delivery
}
