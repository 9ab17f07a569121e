package paymentstest

import (
	"math/rand/v2"
	"time"
)

// Delivery is how a callback is delivered. The zero Delivery is once, in order,
// as soon as the previous callbacks of the session have had a response.
type Delivery struct {
	extra int
	never bool
	hold  bool
	delay time.Duration
}

// String names the delivery, "" for the zero one: "twice", "late by 5s".
func (d Delivery) String() string {
	switch {
	case d.never:
		return "never"
	case d.delay > 0:
		return "late by " + d.delay.String()
	case d.hold:
		return "out of order"
	case d.extra > 0:
		return "twice"
	}
	return ""
}

// Once delivers normally.
func Once() Delivery { return Delivery{} }

// Twice delivers two times in a row, with the same I-Twilio-Idempotency-Token.
func Twice() Delivery { return Delivery{extra: 1} }

// Never does not deliver.
func Never() Delivery { return Delivery{never: true} }

// Late delivers after d of the server's time. Later callbacks do not wait.
func Late(d time.Duration) Delivery { return Delivery{delay: d} }

// AfterNext delivers out of order: after the next callback of the session. The last
// callback of a session is delivered at once.
func AfterNext() Delivery { return Delivery{hold: true} }

// Deliver sets how callbacks are delivered from now on. The rule is called for
// one callback at a time, before it is sent, and must not call the server. With nil
// everything is delivered once.
func (s *Server) Deliver(rule func(Callback) Delivery) {
	if rule == nil {
		s.delivery.rules.replace()
		return
	}
	s.delivery.rules.replace(rule)
}

// ArmDelivery puts a rule before that of [Server.Deliver], and before those armed
// earlier, until disarm is called. The first rule that returns a [Delivery] other
// than the zero one decides.
func (s *Server) ArmDelivery(rule func(Callback) Delivery) (disarm func()) {
	return s.delivery.rules.arm(rule)
}

// DeliverAtRandom is a rule for [Server.Deliver]: about rate of all callbacks,
// from 0 to 1, are delivered in one of the ways. The choice depends on the seed
// and the callback's token, which the server derives from its own seed.
func DeliverAtRandom(seed uint64, rate float64, ways ...Delivery) func(Callback) Delivery {
	return func(c Callback) Delivery {
		r := rand.New(rand.NewPCG(seed, hash(c.Token))) // #nosec G404 -- faults repeat for a seed
		if len(ways) == 0 || r.Float64() >= rate {
			return Delivery{}
		}
		return ways[r.IntN(len(ways))]
	}
}
