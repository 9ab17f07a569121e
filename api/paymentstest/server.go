package paymentstest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
	"github.com/twiliopay/twiliopay-go/generated/contract"
	"github.com/twiliopay/twiliopay-go/internal/validator"
)

// Server is a simulated Twilio: the Payments resource, the calls it works on,
// the callers' keypads and the payment gateway. Make one with [NewServer] or
// [Start]. It is safe for concurrent use.
type Server struct {
	// URL is the server's base URL, http://127.0.0.1 and a port.
	URL string

	config    config
	validator *validator.Validator
	booleans  []string // the fields of the contract that are booleans
	http      *http.Server
	client    *http.Client // for clients of the server
	tb        TB
	dials     atomic.Int64
	other     atomic.Pointer[http.Handler] // see ServeOther

	ctx    context.Context // done when the server closes
	cancel context.CancelFunc
	work   work

	journal  journal
	delivery delivery

	carrying sync.Mutex             // held while errands are done; comes before mu
	timers   map[string]func() bool // of sessions, guarded by carrying as the next
	spare    []func()               // memory for errands
	deciding sync.Mutex             // held while the gateway is asked

	mu            sync.Mutex // guards all below, the assumptions and the calls
	injectors     []Injector
	armed         armed[Injector] // asked before injectors
	requests      history[*Request]
	total         int
	onCall        counters[string]
	attempts      counters[attemptKey]
	core          *core.Machine
	errands       []func() // what the effects of the core ask for, see carryOut
	calls         map[string]*Call
	callsMade     int
	sent          int             // callbacks made by hand
	told          map[string]bool // what note has said
	rule          func(Callback) Delivery
	armedRules    armed[func(Callback) Delivery] // asked before rule
	verdicts      []Verdict
	pending       map[string]*pending // payments that are with the gateway, by session
	gateway       func(Payment) Verdict
	armedGateways armed[func(Payment) (Verdict, bool)] // asked after verdicts, before TEST mode
	charges       history[Charge]
	tokens        history[Token]
}

// contractValidator is shared: it is the same for every server and takes a while
// to make.
var contractValidator = sync.OnceValues(func() (*validator.Validator, error) { return validator.New(contract.JSON()) })

// NewServer starts a server for a test and closes it when the test ends. What
// the application under test sends against the contract fails the test, unless
// [AllowInvalidRequests] is given.
func NewServer(tb TB, opts ...Option) *Server {
	tb.Helper()
	s, err := start(tb, opts)
	if err != nil {
		tb.Fatalf("%v", err)
		return nil
	}
	tb.Cleanup(s.Close)
	return s
}

// Start starts a server for a program. Close it when done.
func Start(opts ...Option) (*Server, error) { return start(nil, opts) }

func start(tb TB, opts []Option) (*Server, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	j, err := contractValidator()
	if err != nil {
		return nil, err
	}
	l, url, client, err := listen(c)
	if err != nil {
		return nil, err
	}
	s := &Server{
		URL: url, config: c, validator: j, client: client, tb: tb, injectors: c.injectors, rule: c.rule, gateway: c.gateway,
		onCall: newCounters[string](8 * c.maxSessions), attempts: newCounters[attemptKey](8 * c.maxSessions),
		core:  newCore(c),
		calls: map[string]*Call{}, pending: map[string]*pending{}, timers: map[string]func() bool{}, told: map[string]bool{},
	}
	share := c.historyBytes / historyLists
	s.requests.count, s.delivery.made.count, s.journal.count = c.history, c.history, entriesPerRequest*c.history
	s.requests.budget, s.delivery.made.budget, s.charges.budget, s.tokens.budget, s.journal.budget = share, share, share, share, share
	if c.capitalBooleans {
		s.booleans = j.Booleans()
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.connectDelivery()
	s.http = newHTTPServer(s.guard(l))
	s.http.ConnState = s.count
	s.work.spawn(func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.fail("paymentstest: %v", err)
		}
	})
	return s, nil
}

// Close stops the server: connections are cut, callbacks not yet delivered are
// dropped. It returns when nothing of the server runs any more.
func (s *Server) Close() {
	s.cancel()
	s.journal.close()
	_ = s.http.Close()
	s.delivery.mu.Lock()
	mounts := s.delivery.mounts
	s.delivery.mu.Unlock()
	for _, m := range mounts {
		m.close()
	}
	s.client.CloseIdleConnections()
	s.delivery.sender.CloseIdleConnections()
	s.work.close()
}

// AccountSID returns the account the server knows.
func (s *Server) AccountSID() string { return s.config.credentials.main }

// AuthToken returns the token that opens [Server.AccountSID] and signs its
// callbacks.
func (s *Server) AuthToken() string {
	token, _ := s.config.credentials.tokenOf(s.AccountSID())
	return token
}

// Client returns an HTTP client that reaches the server, also when it is
// [InMemory].
func (s *Server) Client() *http.Client { return s.client }

// Connections returns how many connections clients have opened so far.
func (s *Server) Connections() int { return int(s.dials.Load()) }

func (s *Server) count(_ net.Conn, state http.ConnState) {
	if state == http.StateNew {
		s.dials.Add(1)
	}
}

// fail reports what is wrong with the test, if there is one.
func (s *Server) fail(format string, args ...any) {
	if s.tb != nil && s.ctx.Err() == nil {
		s.tb.Helper()
		s.tb.Errorf(format, args...)
	}
}

// ClientOptions returns what makes a client talk to this server as its account:
//
//	client, err := payments.NewClient(srv.ClientOptions()...)
func (s *Server) ClientOptions() []payments.Option {
	return []payments.Option{
		payments.WithBaseURL(s.URL),
		payments.WithCredentials(s.AccountSID(), s.AuthToken()),
		payments.WithHTTPClient(s.client),
	}
}

// Format prints the server's URL for every verb: it holds tokens, and the digits
// callers have typed.
func (s *Server) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte("paymentstest.Server(" + s.URL + ")"))
}

// Format prints the call's SID for every verb.
func (c *Call) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte("paymentstest.Call(" + wellFormed(c.SID) + ")"))
}

// ErrClosed is the error of [Server.Wait] for a server that was closed with
// work left to do.
var ErrClosed = errors.New("paymentstest: server closed")

// Wait returns when the server has nothing left to do: requests have had their responses,
// scripted callers have pressed their keys, callbacks are delivered or given up.
// A request that never gets a response does not count, nor does a key that a caller
// has yet to press, nor what an application does after it has responded to a
// callback. When ctx is done first, Wait returns an error that wraps its error and
// says what is left; when the server is closed first, [ErrClosed].
func (s *Server) Wait(ctx context.Context) error {
	err := s.work.settle(ctx, s.ctx)
	if err == nil || errors.Is(err, ErrClosed) {
		return err
	}
	return fmt.Errorf("paymentstest: %s: %w", s.left(), err)
}

// left says in words what the server has yet to do.
func (s *Server) left() string {
	s.delivery.mu.Lock()
	defer s.delivery.mu.Unlock()
	var waiting []*outgoing
	for o := range s.delivery.made.all() {
		if len(o.attempts) == 0 && !o.delivery.never {
			waiting = append(waiting, o)
		}
	}
	if len(waiting) == 0 {
		return "a request, a caller or a callback is still at work"
	}
	first := waiting[0]
	return fmt.Sprintf("%d callbacks are not delivered, the first of them number %d to %s", len(waiting), first.number, withoutQuery(first.url))
}

// TB is the part of testing.TB that a [Server] needs. Both *testing.T and
// *testing.B have it. It is declared here so that programs such as the sandbox
// do not link package testing.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
	Cleanup(func())
}
