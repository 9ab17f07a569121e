package flow_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// plan is what happens in a world, but for the order.
type plan struct {
	scripts  []string        // of each machine: steps, with spaces between them
	skew     []time.Duration // of each machine's clock
	faults   int             // how many there may be
	kinds    string          // of faults, with spaces between them
	lease    time.Duration
	waits    int  // how often time may pass although something could happen
	declines bool // the gateway refuses the charge
	silent   bool // Twilio posts nothing about a cancel
	twoEnds  bool // Twilio posts that the session was cancelled, and the charge
	twoFaced bool // Twilio accepts to cancel what it has charged
}

// world is a scripted Twilio and a scripted bus. Everything that machines ask for
// happens when the explorer chooses it, one at a time.
type world struct {
	plan
	session flow.Session

	mu      sync.Mutex
	free    bool // everything happens at once
	calls   []*call
	counts  map[transition]int // of calls, by machine and kind
	faulted int
	waited  int
	trace   []string

	value     []byte // the record
	revision  uint64
	revisions uint64
	old       []byte // the record as it was before
	forgotten bool
	putBack   bool
	log       []flow.Message
	subs      []*exploredSubscription

	completes []string // idempotency keys of completes that Twilio may have acted on
	charged   bool
	declined  bool
	over      bool // at Twilio
	unposted  []*flow.Message
	posted    int
	lost      bool // a callback or note
	requests  map[int]string

	machines []*explored
}

// call is what a machine asks for and waits for.
type call struct {
	transition
	do    func(fault string) // takes effect
	fail  func(error)        // does not
	ready func() bool
	done  chan struct{}
}

// explored is a machine.
type explored struct {
	n     int
	w     *world
	dead  bool
	ended bool
	flow  *flow.Flow
	steps []outcome
}

type outcome struct {
	step string
	err  error
	took time.Duration
}

var (
	errLost  = errors.New("the response was lost")
	errFails = errors.New("the bus is down")
)

// ask waits until the explorer lets a call of machine m take effect.
func (w *world) ask(ctx context.Context, m int, kind string, ready func() bool, do func(fault string) error) error {
	w.mu.Lock()
	if m >= 0 && w.machines[m].dead {
		w.mu.Unlock()
		return errDead
	}
	if w.free && (ready == nil || ready()) {
		defer w.mu.Unlock()
		return do("")
	}
	id := transition{machine: m, kind: kind}
	w.counts[id]++
	id.number = w.counts[id]
	var err error
	c := &call{transition: id, ready: ready, done: make(chan struct{})}
	c.do = func(fault string) { err = do(fault); close(c.done) }
	c.fail = func(why error) { err = why; close(c.done) }
	w.calls = append(w.calls, c)
	w.mu.Unlock()
	select {
	case <-c.done:
		return err
	case <-ctx.Done():
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := slices.Index(w.calls, c); i >= 0 {
		w.calls = slices.Delete(w.calls, i, i+1)
		w.lost = w.lost || kind == "publish"
		return ctx.Err()
	}
	return err
}

// enabled returns what may happen next.
func (w *world) enabled() (all []transition) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fault := func(kind string) bool { return w.faulted < w.faults && strings.Contains(w.kinds, kind) }
	for _, c := range w.calls {
		if c.ready != nil && !c.ready() {
			continue
		}
		all = append(all, c.transition)
		for _, f := range faultsOf[c.kind] {
			if fault(f) {
				t := c.transition
				t.fault = f
				all = append(all, t)
			}
		}
	}
	for i, m := range w.unposted {
		if m == nil {
			continue
		}
		all = append(all, transition{machine: -1, kind: "post", number: i})
		if fault("dropped") {
			all = append(all, transition{machine: -1, kind: "post", number: i, fault: "dropped"})
		}
	}
	if len(all) == 0 {
		return nil
	}
	for _, m := range w.machines {
		if fault("crash") && !m.dead && !m.ended {
			all = append(all, transition{machine: m.n, kind: "crash"})
		}
	}
	if fault("forget") && !w.forgotten {
		all = append(all, transition{machine: -1, kind: "forget"})
	}
	if fault("putback") && w.old != nil && !w.putBack {
		all = append(all, transition{machine: -1, kind: "putback"})
	}
	if w.waited < w.waits {
		all = append(all, transition{machine: -1, kind: "wait", number: w.waited})
	}
	return all
}

// faultsOf are the ways in which a call fails.
var faultsOf = map[string][]string{
	"load":    {"failed", "stale"},
	"swap":    {"failed", "unanswered"},
	"publish": {"failed"},
	"update":  {"refused", "unsent", "unanswered"},
}

// perform makes a transition happen.
func (w *world) perform(t transition) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trace = append(w.trace, t.String())
	if t.fault != "" || t.kind == "crash" || t.kind == "forget" || t.kind == "putback" {
		w.faulted++
	}
	switch t.kind {
	case "post":
		m := w.unposted[t.number]
		w.unposted[t.number] = nil
		if t.fault == "dropped" {
			w.lost = true
		} else {
			w.publish(*m)
		}
	case "crash":
		w.crash(w.machines[t.machine])
	case "forget":
		w.forget()
	case "putback":
		w.value, w.putBack = w.old, true
		w.revisions++
		w.revision = w.revisions
	case "wait":
		w.waited++
		w.mu.Unlock()
		time.Sleep(w.lease + time.Second)
		w.mu.Lock()
	default:
		for i, c := range w.calls {
			if c.machine == t.machine && c.kind == t.kind && c.number == t.number {
				w.calls = slices.Delete(w.calls, i, i+1)
				c.do(t.fault)
				return
			}
		}
	}
}

func (w *world) crash(m *explored) {
	m.dead = true
	w.calls = slices.DeleteFunc(w.calls, func(c *call) bool {
		if c.machine != m.n {
			return false
		}
		c.fail(errDead)
		return true
	})
}

func (w *world) forget() {
	w.value, w.revision, w.log, w.forgotten, w.old = nil, 0, nil, true, nil
	for _, s := range w.subs {
		s.expired = true
		s.wake()
	}
}

func (w *world) publish(m flow.Message) {
	if w.forgotten {
		w.lost = true // nobody is there to hear it
	}
	for _, old := range w.log {
		if old.ID == m.ID {
			return
		}
	}
	w.log = append(w.log, m)
	for _, s := range w.subs {
		s.wake()
	}
}

// exploredBus is the bus as machine m has it; a follower's m is -1, and what it
// asks for happens at once.
type exploredBus struct {
	w *world
	m int
}

func (b exploredBus) Publish(ctx context.Context, m flow.Message) error {
	return b.w.ask(ctx, b.m, "publish", nil, func(fault string) error {
		if fault != "" {
			b.w.lost = true
			return errFails
		}
		b.w.publish(m)
		return nil
	})
}

func (b exploredBus) Subscribe(context.Context, flow.Session) ([]flow.Message, flow.Subscription, error) {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	s := &exploredSubscription{b: b, next: len(b.w.log), changed: make(chan struct{}), closed: make(chan struct{})}
	b.w.subs = append(b.w.subs, s)
	return slices.Clone(b.w.log), s, nil
}

func (b exploredBus) Load(ctx context.Context, _ flow.Session) (value []byte, revision uint64, err error) {
	load := func(fault string) error {
		switch {
		case fault == "failed":
			return errFails
		case fault == "stale" && b.w.old != nil && b.w.revision > 1:
			value, revision = b.w.old, b.w.revision-1
		default:
			value, revision = bytes.Clone(b.w.value), b.w.revision
		}
		return nil
	}
	if b.m < 0 {
		b.w.mu.Lock()
		defer b.w.mu.Unlock()
		err = load("")
		return value, revision, err
	}
	err = b.w.ask(ctx, b.m, "load", nil, load)
	return value, revision, err
}

func (b exploredBus) Swap(ctx context.Context, _ flow.Session, value []byte, revision uint64) (written uint64, err error) {
	err = b.w.ask(ctx, b.m, "swap", nil, func(fault string) error {
		switch {
		case fault == "failed":
			return errFails
		case revision != b.w.revision:
			return flow.ErrConflict
		}
		b.w.old, b.w.value = b.w.value, bytes.Clone(value)
		b.w.revisions++
		b.w.revision = b.w.revisions
		written = b.w.revision
		if fault != "" {
			return errLost
		}
		return nil
	})
	return written, err
}

type exploredSubscription struct {
	b       exploredBus
	next    int
	expired bool
	changed chan struct{}
	closed  chan struct{}
	once    sync.Once
}

func (s *exploredSubscription) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *exploredSubscription) Next(ctx context.Context) (m flow.Message, err error) {
	w := s.b.w
	take := func(string) error {
		if s.expired {
			return flow.ErrExpired
		}
		m = w.log[s.next]
		s.next++
		return nil
	}
	ready := func() bool { return s.expired || s.next < len(w.log) }
	for {
		w.mu.Lock()
		ok, changed := ready(), s.changed
		if ok && (s.b.m < 0 || w.free) {
			defer w.mu.Unlock()
			return m, take("")
		}
		w.mu.Unlock()
		if ok {
			err = w.ask(ctx, s.b.m, "next", ready, take)
			return m, err
		}
		select {
		case <-changed:
		case <-s.closed:
			return m, flow.ErrClosed
		case <-ctx.Done():
			return m, ctx.Err()
		}
	}
}

func (s *exploredSubscription) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

// exploredClient is Twilio as machine m has it.
type exploredClient struct {
	w *world
	m int
}

func (c exploredClient) Create(context.Context, string, payments.CreateParams, ...payments.Option) (*payments.Session, error) {
	return &payments.Session{AccountSID: c.w.session.AccountSID, CallSID: c.w.session.CallSID, SID: c.w.session.SID}, nil
}

func (c exploredClient) Update(ctx context.Context, _, sid string, p payments.UpdateParams, _ ...payments.Option) (*payments.Session, error) {
	err := c.w.ask(ctx, c.m, "update", nil, func(fault string) error {
		switch fault {
		case "refused":
			return &payments.Error{Op: "update", Status: 400, Code: 64020, Attempts: 1}
		case "unsent":
			if p.Status == payments.StatusComplete {
				c.w.completes = append(c.w.completes, p.IdempotencyKey) // nobody can know that it was not acted on
			}
			return errLost
		}
		if err := c.w.update(p); err != nil {
			return err
		}
		if fault != "" {
			return errLost
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &payments.Session{SID: sid}, nil
}

// update is Twilio's part.
func (w *world) update(p payments.UpdateParams) error {
	u, _ := url.Parse(p.StatusCallback)
	var step int
	var flowID string
	for _, part := range strings.Split(u.Query().Get("twiliopay"), ".") { // call, step and flow
		if n, err := strconv.Atoi(part); err == nil && len(part) < 32 {
			step = n
		} else if !strings.HasPrefix(part, "CA") {
			flowID = part
		}
	}
	what := string(p.Capture) + string(p.Status)
	if before, known := w.requests[step]; known && before != what {
		w.requests[step] = before + " and " + what
	} else {
		w.requests[step] = what
	}
	refused := &payments.Error{Op: "update", Status: 400, Code: 64021, Attempts: 1}
	post := func(fields form, final bool) {
		w.posted++
		w.unposted = append(w.unposted, &flow.Message{
			Session: w.session, ID: strconv.Itoa(w.posted), Flow: flowID, Step: step, Final: final, Body: wire.Hide(formOf(w.session, fields).values().Encode()),
		})
	}
	switch {
	case p.Status == payments.StatusComplete:
		if w.over {
			return refused
		}
		w.completes = append(w.completes, p.IdempotencyKey)
		w.over, w.charged = true, !w.declines
		if w.declined = w.declines; w.declined {
			post(form{"Result": "payment-connector-error", "PayErrorCode": "64008"}, true)
			return nil
		}
		if w.twoEnds {
			post(form{"Result": "transaction-cancelled"}, true)
		}
		post(form{"Result": "success", "PaymentConfirmationCode": "ch_1"}, true)
	case p.Status == payments.StatusCancel:
		if w.charged && w.twoFaced {
			return nil
		}
		if w.over {
			return refused
		}
		w.over = true
		if !w.silent {
			post(form{"Result": "transaction-cancelled"}, true)
		}
	case w.over:
		return refused
	default:
		post(form{"Capture": string(p.Capture), "Required": ""}, false)
	}
	return nil
}

// run runs one schedule and returns what is wrong with it.
func (w *world) run(t testing.TB, first []byte, choose chooser) (complaints []string, ended bool) {
	w.counts, w.requests = make(map[transition]int), make(map[int]string)
	w.value, w.revision, w.revisions = first, 1, 1
	w.free = true
	follower := &explored{n: -1, w: w}
	must(t, follower.resume(t))
	events := make(chan []string, 1)
	go func() { events <- collect(context.Background(), follower.flow) }()
	for n := range w.scripts {
		m := &explored{n: n, w: w}
		w.machines = append(w.machines, m)
		must(t, m.resume(t))
	}
	w.free = false
	var running sync.WaitGroup
	for _, m := range w.machines {
		running.Go(func() { m.play(t, w.scripts[m.n]) })
	}
	ended = w.explore(choose)

	w.mu.Lock()
	w.trace = append(w.trace, "the end")
	w.free = true
	for _, c := range w.calls {
		c.do("")
	}
	w.calls = nil
	for i, m := range w.unposted {
		if m != nil {
			w.publish(*m)
		}
		w.unposted[i] = nil
	}
	w.mu.Unlock()
	for range 10 { // what waits for messages gets them
		synctest.Wait()
		w.flush()
	}
	time.Sleep(2 * stepTime)
	synctest.Wait()
	w.mu.Lock()
	for _, m := range w.machines {
		if ended && !m.ended {
			complaints = append(complaints, fmt.Sprintf("machine %c waits for ever", 'A'+m.n))
		}
	}
	w.mu.Unlock()
	for _, m := range append(w.machines, follower) {
		must(t, m.flow.Close())
	}
	running.Wait()
	seen := <-events
	time.Sleep(time.Minute)
	if ended {
		complaints = append(complaints, w.judge(seen)...)
	}
	return complaints, ended
}

// flush lets everything that waits happen.
func (w *world) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.calls {
		if c.ready == nil || c.ready() {
			c.do("")
		} else {
			c.fail(context.Canceled)
		}
	}
	w.calls = nil
}

// stepTime bounds each step of a script.
const stepTime = 20 * time.Second

// explore chooses until nothing can happen any more, or the chooser gives up.
func (w *world) explore(choose chooser) bool {
	for idle, pause, began := 0, 50*time.Millisecond, time.Now(); ; {
		if time.Since(began) > time.Hour {
			return true // a step that renews its lease for ever, which is complained of
		}
		synctest.Wait()
		enabled := w.enabled()
		if len(enabled) > 0 {
			t, ok := choose.choose(enabled)
			if !ok {
				return false
			}
			w.perform(t)
			idle, pause = 0, 50*time.Millisecond
			continue
		}
		if w.allEnded() {
			return true
		}
		if idle++; idle > 60 {
			return true // which is complained of
		}
		time.Sleep(pause)
		pause = min(2*pause, 2*time.Second)
	}
}

func (w *world) allEnded() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.machines {
		if !m.ended {
			return false
		}
	}
	return true
}

func (m *explored) resume(t testing.TB, opts ...flow.Option) error {
	w, s := m.w, m.w.session
	if m.n >= 0 {
		skew := time.Duration(0)
		if m.n < len(w.skew) {
			skew = w.skew[m.n]
		}
		opts = append(opts, flow.WithClock(func() time.Time { return time.Now().Add(skew) }))
	}
	opts = append(opts, flow.WithLease(w.lease), flow.WithPatience(5*time.Second))
	f, err := flow.Resume(t.Context(), exploredClient{w, m.n}, exploredBus{w, m.n}, s.AccountSID, s.CallSID, s.SID, opts...)
	if err == nil {
		m.flow = f
	}
	return err
}

// play does the steps of a script.
func (m *explored) play(t testing.TB, script string) {
	for _, step := range strings.Fields(script) {
		ctx, cancel := context.WithTimeout(context.Background(), stepTime)
		began := time.Now()
		var err error
		switch step {
		case "number":
			_, err = m.flow.Capture(ctx, payments.CapturePaymentCardNumber)
		case "date":
			_, err = m.flow.Capture(ctx, payments.CaptureExpirationDate)
		case "complete":
			_, err = m.flow.Complete(ctx)
		case "cancel":
			err = m.flow.Cancel(ctx)
		case "takeover":
			_ = m.flow.Close()
			err = m.resume(t, flow.WithTakeOver())
		case "rest":
			time.Sleep(m.w.lease + time.Second)
		}
		cancel()
		m.w.mu.Lock()
		m.steps = append(m.steps, outcome{step, err, time.Since(began)})
		stop := m.dead
		m.w.mu.Unlock()
		if stop || step == "takeover" && err != nil {
			break
		}
	}
	m.w.mu.Lock()
	defer m.w.mu.Unlock()
	m.ended = true
}

// judge compares what machines were told with what became of the money.
func (w *world) judge(seen []string) (complaints []string) {
	complain := func(format string, args ...any) { complaints = append(complaints, fmt.Sprintf(format, args...)) }
	if len(w.completes) > 1 && !w.putBack {
		complain("complete reached Twilio %d times", len(w.completes))
	}
	if keys := slices.Compact(slices.Sorted(slices.Values(w.completes))); len(keys) > 1 {
		complain("complete was sent with the keys %q", keys)
	}
	for step, what := range w.requests {
		if strings.Contains(what, " and ") && !w.putBack {
			complain("the number %d was used again: %s", step, what)
		}
	}
	// Nothing shows that a record is old, or that a success is on its way, when
	// the callback that would is lost or Twilio says otherwise.
	unknowable := w.putBack && (w.lost || w.twoFaced || w.twoEnds) || w.twoEnds && w.lost
	for _, m := range w.machines {
		if m.dead {
			continue
		}
		for _, o := range m.steps {
			_, isEnd := errors.AsType[*flow.EndedError](o.err)
			success := errors.Is(o.err, flow.ErrSucceeded) || o.step == "complete" && o.err == nil
			name := fmt.Sprintf("%s on %c returned %v", o.step, 'A'+m.n, o.err)
			switch {
			case o.took > stepTime+250*time.Millisecond:
				complain("%s after %s", name, o.took)
			case success && !w.charged:
				complain("%s, and nothing was charged", name)
			case unknowable:
			case w.charged && o.step == "cancel" && o.err == nil:
				complain("%s, and it was charged", name)
			case w.charged && isEnd && !success:
				complain("%s, and it was charged", name)
			}
		}
	}
	if !w.lost && !w.forgotten && !unknowable {
		want := ""
		switch {
		case w.charged:
			want = "completed success"
		case w.declined:
			want = "completed payment-connector-error"
		case slices.ContainsFunc(w.machines, func(m *explored) bool {
			return slices.ContainsFunc(m.steps, func(o outcome) bool { return !m.dead && o.step == "cancel" && o.err == nil })
		}):
			want = "completed"
		}
		if want != "" && !slices.ContainsFunc(seen, func(line string) bool { return strings.HasPrefix(line, want) }) {
			complain("a follower saw %q, want %q", seen, want)
		}
	}
	return complaints
}
