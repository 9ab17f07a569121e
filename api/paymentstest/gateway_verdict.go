package paymentstest

import (
	"sync"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
)

// What a gateway is asked for.
const (
	operationCharge   = "charge"
	operationTokenize = "tokenize"
)

// gateway finds the verdict on a payment, and keeps the payments that wait for
// theirs. It gives a verdict to whoever asked: it does not know the simulation.
type gateway struct {
	clock   Clock
	work    *work
	journal *journal
	armed   *rules[func(Payment) (Verdict, bool)] // asked after verdicts, before TEST mode

	asking   sync.Mutex // held while a verdict is found; taken before mu
	mu       sync.Mutex
	verdicts []Verdict // of DeclineNext
	decide   func(Payment) Verdict
	pending  map[string]*pending // by session
}

// pending is a payment without a verdict.
type pending struct {
	asked   int64 // its entry in the journal
	held    bool
	delay   time.Duration
	stop    func() bool // of the timer, nil without one
	counted bool        // as something left to do
}

func newGateway(c *config, w *work, j *journal) *gateway {
	return &gateway{
		clock: c.clock, work: w, journal: j, decide: c.gateway, pending: map[string]*pending{},
		armed: newRules[func(Payment) (Verdict, bool)](j, targetGateway),
	}
}

func (g *gateway) set(decide func(Payment) Verdict) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.decide = decide
}

// next queues verdicts for the next payments.
func (g *gateway) next(verdicts []Verdict) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.verdicts = append(g.verdicts, verdicts...)
}

// asked records that a payment needs a verdict, and returns the journal's entry.
func (g *gateway) asked(o origin, v core.AskGateway) int64 {
	p := Payment(v.Payment)
	entry := newGatewayEntry(p)
	number := g.journal.emit(o, KindGatewayAsked, p.CallSID, p.SID, &entry)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pending[p.SID] = &pending{asked: number}
	return number
}

// verdict asks, in turn: the verdicts of DeclineNext, armed gateways, TEST mode, the
// gateway.
func (g *gateway) verdict(ask core.AskGateway) Verdict {
	g.asking.Lock()
	defer g.asking.Unlock()
	g.mu.Lock()
	if len(g.verdicts) > 0 {
		defer g.mu.Unlock()
		next := g.verdicts[0]
		g.verdicts = g.verdicts[1:]
		return next
	}
	decide := g.decide
	g.mu.Unlock()
	p := Payment(ask.Payment)
	for _, armed := range g.armed.inOrder() {
		if v, decided := armed(p); decided {
			return v
		}
	}
	if t := ask.TestMode; t.Declines() {
		return Verdict{Result: t.Result, Code: t.Code, ConnectorError: t.ConnectorError, PaymentError: t.PaymentError}
	}
	if decide != nil {
		return decide(p)
	}
	return Verdict{}
}

// wait keeps a payment until [Server.Decide]; unless the verdict is to be held, it
// calls decide when the verdict's time has passed.
func (g *gateway) wait(sid string, v Verdict, decide func()) {
	g.mu.Lock()
	p := g.pending[sid]
	if p == nil { // Decide was faster
		g.mu.Unlock()
		return
	}
	p.held, p.delay, p.counted = v.Hold, v.After, !v.Hold
	if p.counted {
		g.work.add(1)
	}
	g.mu.Unlock()
	if v.Hold {
		return
	}
	stop := g.clock.AfterFunc(v.After, decide)
	g.mu.Lock()
	defer g.mu.Unlock()
	p.stop = stop
}

// decided records the verdict on a payment, and returns the journal's entry.
func (g *gateway) decided(o origin, v core.GatewayDecided) int64 {
	p := Payment(v.Payment)
	g.mu.Lock()
	defer g.mu.Unlock()
	waited := g.pending[p.SID]
	delete(g.pending, p.SID)
	if waited.stop != nil {
		waited.stop()
	}
	if waited.counted {
		g.work.done()
	}
	entry := newGatewayEntry(p)
	entry.Code, entry.ConnectorError, entry.Delay, entry.Held = v.Verdict.Code, v.Verdict.ConnectorError, waited.delay, waited.held
	entry.Result = v.Verdict.ResultOf()
	o.cause = waited.asked
	return g.journal.emit(o, KindGatewayDecided, p.CallSID, p.SID, &entry)
}

func newGatewayEntry(p Payment) GatewayEntry {
	g := GatewayEntry{Operation: operationTokenize, Connector: p.Connector, Method: p.Method, Currency: p.Currency, TokenType: p.TokenType}
	if p.Amount != "" {
		g.Operation, g.Amount = operationCharge, p.Amount
	}
	return g
}
