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
	"github.com/twiliopay/twiliopay-go/generated/contract"
	"github.com/twiliopay/twiliopay-go/internal/validator"
)

// Server is a simulated Twilio: the Payments resource, calls, the callers' keypads and
// the payment gateway. Make one with [NewServer] or [Start]. It is safe for concurrent
// use.
type Server struct {
	// URL is the server's base URL, http://127.0.0.1 and a port.
	URL string

	config *config
	http   *http.Server
	client *http.Client // for clients of the server
	dials  atomic.Int64

	// The parts, each with what it needs to lock. A part uses only those before it.
	work     *work
	journal  *journal
	report   *reporter
	requests *requestLog
	faults   *faults
	ledger   *ledger
	gateway  *gateway
	delivery *delivery
	sim      *simulation
	handler  *handler
	guard    *guard
}

// contractValidator is shared by all servers, because it takes a while to make.
var contractValidator = sync.OnceValues(func() (*validator.Validator, error) { return validator.New(contract.JSON()) })

// NewServer starts a server for a test and closes it when the test ends. A request that
// violates the contract fails the test, unless [AllowInvalidRequests] is given.
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
	v, err := contractValidator()
	if err != nil {
		return nil, err
	}
	l, url, client, err := listen(c)
	if err != nil {
		return nil, err
	}
	s := &Server{URL: url, config: c, client: client, work: newWork()}
	s.journal = newJournal(c)
	s.report = newReporter(tb, c, s.work, s.journal)
	s.requests = newRequestLog(c, s.journal)
	s.faults = &faults{rules: newRules(s.journal, targetRequest, c.injectors...), requests: s.requests}
	s.ledger = newLedger(c)
	s.gateway = newGateway(c, s.work, s.journal)
	s.delivery = newDelivery(c, s.work, s.journal, s.report)
	s.sim = newSimulation(c, s.work, s.journal, s.report, s.delivery, s.gateway, s.ledger)
	s.handler = &handler{config: c, validator: v, work: s.work, report: s.report, requests: s.requests, faults: s.faults, sim: s.sim}
	if c.capitalBooleans {
		s.handler.booleans = v.Booleans()
	}
	s.guard = newGuard(c, l, url, s.handler)
	s.http = newHTTPServer(s.guard)
	s.http.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.dials.Add(1)
		}
	}
	s.work.spawn(func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.report.fail("paymentstest: %v", err)
		}
	})
	return s, nil
}

// Close stops the server: it cuts connections and drops callbacks that are not yet
// delivered. It returns when all goroutines of the server have ended.
func (s *Server) Close() {
	s.work.stop()
	s.journal.close()
	_ = s.http.Close()
	s.client.CloseIdleConnections()
	s.delivery.close()
	s.work.close()
}

// AccountSID returns the main account of the server.
func (s *Server) AccountSID() string { return s.config.credentials.main }

// AuthToken returns the auth token of [Server.AccountSID], which also signs its
// callbacks.
func (s *Server) AuthToken() string {
	token, _ := s.config.credentials.tokenOf(s.AccountSID())
	return token
}

// Client returns an HTTP client that reaches the server, even if it is [InMemory].
func (s *Server) Client() *http.Client { return s.client }

// Connections returns how many connections clients have opened so far.
func (s *Server) Connections() int { return int(s.dials.Load()) }

// ClientOptions returns the options of a client of this server and its account:
//
//	client, err := payments.NewClient(srv.ClientOptions()...)
func (s *Server) ClientOptions() []payments.Option {
	return []payments.Option{
		payments.WithBaseURL(s.URL),
		payments.WithCredentials(s.AccountSID(), s.AuthToken()),
		payments.WithHTTPClient(s.client),
	}
}

// Format prints only the server's URL for every verb, because the server contains
// tokens and digits of callers.
func (s *Server) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte("paymentstest.Server(" + s.URL + ")"))
}

// Format prints the call's SID for every verb.
func (c *Call) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte("paymentstest.Call(" + wellFormed(c.SID) + ")"))
}

// ErrClosed is the error of [Server.Wait] for a server that was closed before it had
// nothing left to do.
var ErrClosed = errors.New("paymentstest: server closed")

// Wait returns when the server has nothing left to do: requests have their responses,
// scripted callers have pressed their keys, callbacks are delivered or given up.
// Requests that never get a response do not count, nor do keys that the test has yet
// to press, nor what an application does after it has responded to a callback. If ctx
// is done first, Wait returns an error that wraps its error and names what is left; if
// the server is closed first, [ErrClosed].
func (s *Server) Wait(ctx context.Context) error {
	err := s.work.settle(ctx)
	if err == nil || errors.Is(err, ErrClosed) {
		return err
	}
	return fmt.Errorf("paymentstest: %s: %w", s.delivery.left(), err)
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
