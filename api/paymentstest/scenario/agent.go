package scenario

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/internal/sleep"
)

// agentHost is the host of the agent's callbacks, which are delivered in process.
const agentHost = "agent.scenario.invalid"

// defaultPatience is how long the agent waits for the effect of a request.
const defaultPatience = 10 * time.Second

// agent is the application that [Scenario.Run] plays: it sends the requests of the
// steps and receives the callbacks.
type agent struct {
	scenario *Scenario
	client   *payments.Client
	call     *paymentstest.Call
	url      string
	session  string

	mu     sync.Mutex
	events []callback.Event
	states map[string]*callback.State
	next   chan struct{} // closed when the next event arrives

	steps  []string // each step with its outcome
	failed []string // the steps with an unexpected outcome
}

// newAgent returns an agent whose callbacks are delivered to it until unmount is
// called.
func newAgent(s *Scenario, srv *paymentstest.Server, call *paymentstest.Call) (a *agent, unmount func(), err error) {
	a = &agent{
		scenario: s, call: call, url: "https://" + agentHost + "/" + call.SID,
		states: map[string]*callback.State{}, next: make(chan struct{}),
	}
	if a.client, err = payments.NewClient(srv.ClientOptions()...); err != nil {
		return nil, nil, err
	}
	handler, err := callback.NewHandler(a.receive, callback.WithAuthTokens(srv.AuthToken()),
		callback.WithPublicURL("https://"+agentHost), callback.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		return nil, nil, err
	}
	unmount, err = srv.Mount(a.url, handler)
	return a, unmount, err
}

// receive is called once for every callback.
func (a *agent) receive(_ context.Context, e callback.Event) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.states[e.SID] == nil {
		a.states[e.SID] = new(callback.State)
	}
	if err := a.states[e.SID].Apply(e); err != nil {
		return err
	}
	a.events = append(a.events, e)
	close(a.next)
	a.next = make(chan struct{})
	return nil
}

// state returns the session's state after the callbacks so far.
func (a *agent) state() callback.State {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s := a.states[a.session]; s != nil {
		return *s
	}
	return callback.State{}
}

// count returns the number of events so far.
func (a *agent) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.events)
}

// patience returns how long a step waits. The time that the caller needs to press
// the keys is added.
func (a *agent) patience(s step) time.Duration {
	patience := time.Duration(a.scenario.file.Patience)
	if patience == 0 {
		patience = defaultPatience
	}
	if s.verb == doCapture {
		patience += maxEntryKeys * a.scenario.pace
	}
	return patience
}

// maxEntryKeys is the number of keys of the longest entry, including its #.
const maxEntryKeys = 20

// await returns the first wanted event after the first n events, or false if none
// arrives in time.
func (a *agent) await(ctx context.Context, n int, patience time.Duration, wanted func(callback.Event) bool) (callback.Event, bool) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		a.mu.Lock()
		for ; n < len(a.events); n++ {
			if e := a.events[n]; wanted(e) {
				a.mu.Unlock()
				return e, true
			}
		}
		next := a.next
		a.mu.Unlock()
		select {
		case <-next:
		case <-ctx.Done():
			return callback.Event{}, false
		}
	}
}

// play performs the steps or, without steps, follows what the callbacks report. It
// stops when ctx is done.
func (a *agent) play(ctx context.Context) {
	if a.scenario.file.Steps == nil {
		a.collect(ctx)
		return
	}
	for _, s := range a.scenario.file.Steps {
		if ctx.Err() != nil {
			return
		}
		a.do(ctx, s)
	}
}

// maxTries is how often the agent asks for a field.
const maxTries = 3

// collect asks for one missing field after another and completes. It cancels after
// three failed entries of a field, or if the caller enters nothing in time.
func (a *agent) collect(ctx context.Context) {
	if _, accepted := a.do(ctx, step{verb: doCreate}); !accepted {
		return
	}
	field := string(payments.CapturePaymentCardNumber)
	if a.scenario.file.Payment.PaymentMethod == payments.PaymentMethodACHDebit {
		field = string(payments.CaptureBankRoutingNumber)
	}
	for tries := map[string]int{}; ctx.Err() == nil; {
		if tries[field]++; tries[field] > maxTries {
			a.do(ctx, step{verb: doCancel})
			return
		}
		e, accepted := a.do(ctx, step{verb: doCapture, capture: field})
		switch state := a.state(); {
		case !accepted || e.Kind == callback.Completed:
			return
		case e.Kind == "":
			a.do(ctx, step{verb: doCancel})
			return
		case state.CanComplete():
			a.do(ctx, step{verb: doComplete})
			return
		case len(state.Missing()) > 0:
			field = string(state.Missing()[0])
		}
	}
}

// do performs one step and waits for its effect. It returns the event that reports
// the effect, or the zero Event if none arrived, and whether Twilio accepted the
// request.
func (a *agent) do(ctx context.Context, s step) (callback.Event, bool) {
	before := a.count()
	var err error
	switch s.verb {
	case doWait:
		a.note(s, "")
		_ = sleep.For(ctx, s.wait)
		return callback.Event{}, true
	case doStar:
		err = a.call.Star()
	case doHangUp:
		a.call.HangUp()
	default:
		err = a.send(ctx, s)
	}
	var refusal *payments.Error
	switch unknown := errors.As(err, &refusal) && refusal.OutcomeUnknown(); {
	case err != nil && !unknown:
		a.refused(s, err)
		return callback.Event{}, false
	case s.refused != 0:
		a.fail(s, "was not refused")
		return callback.Event{}, true
	case s.verb == doCreate && err == nil:
		a.note(s, "accepted")
		return callback.Event{}, true
	case s.verb == doHangUp && (a.session == "" || a.state().Completed()):
		a.note(s, "no session was open")
		return callback.Event{}, true
	}
	e, arrived := a.await(ctx, before, a.patience(s), a.ends(s))
	switch {
	case s.verb == doCreate && arrived:
		a.session = e.SID // the response was lost, but the callback names the session
	case s.verb == doCreate:
		a.fail(s, "got neither a response nor a callback")
		return e, false
	}
	outcome := "no callback in time"
	if arrived {
		outcome = phraseOf(e).String()
	}
	if err != nil {
		outcome = "response lost; " + outcome
	}
	a.note(s, outcome)
	return e, true
}

// send sends the request of a step.
func (a *agent) send(ctx context.Context, s step) error {
	if s.verb == doCreate {
		p := a.scenario.file.Payment.CreateParams
		p.StatusCallback = a.url
		session, err := a.client.Create(ctx, a.call.SID, p)
		if err == nil {
			a.session = session.SID
		}
		return err
	}
	p := payments.UpdateParams{StatusCallback: a.url, Capture: payments.Capture(s.capture)}
	switch s.verb {
	case doComplete:
		p.Status = payments.StatusComplete
	case doCancel:
		p.Status = payments.StatusCancel
	}
	_, err := a.client.Update(ctx, a.call.SID, a.session, p)
	return err
}

// ends returns a function that reports whether an event is the effect of a step.
func (a *agent) ends(s step) func(callback.Event) bool {
	session := a.session
	return func(e callback.Event) bool {
		switch {
		case s.verb == doCreate:
			return e.Kind == callback.Started
		case e.SID != session:
			return false
		case e.Kind == callback.Completed:
			return true
		}
		return s.verb == doCapture && string(e.Capture) == s.capture && nameOf(e) != entering && nameOf(e) != started
	}
}

// refused records a refused request, which the step may expect.
func (a *agent) refused(s step, err error) {
	var e *payments.Error
	switch {
	case !errors.As(err, &e):
		a.fail(s, err.Error())
	case s.refused != 0 && e.Code == s.refused:
		a.note(s, "refused with "+strconv.Itoa(e.Code))
	case e.Code != 0:
		a.fail(s, fmt.Sprintf("was refused with %d: %s", e.Code, e.Message))
	default:
		a.fail(s, err.Error())
	}
}

func (a *agent) note(s step, outcome string) {
	text := s.String()
	if outcome != "" {
		text += ": " + outcome
	}
	a.steps = append(a.steps, text)
}

func (a *agent) fail(s step, what string) {
	a.note(s, what)
	a.failed = append(a.failed, s.String()+" "+what)
}
