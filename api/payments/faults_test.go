package payments_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/internal/leak"
)

const (
	faultSeed     = 20261123
	faultSessions = 1500 // of up to five operations each
	faultWorkers  = 64
	faultClients  = 8 // each has its own backoff after a 429, which slows all calls of a client
	faultTimeout  = time.Second
)

var faultKinds = []paymentstest.Fault{
	paymentstest.Respond(500, "<html>"), paymentstest.Respond(502, "<html>").AfterCommit(), paymentstest.Respond(503, "").AfterCommit(),
	paymentstest.Respond(504, "{}"), paymentstest.Respond(408, ""), paymentstest.TooManyRequests("0"),
	paymentstest.Reset(), paymentstest.Reset().AfterCommit(), paymentstest.HalfBody(),
	paymentstest.NeverAnswer(), paymentstest.NeverAnswer().AfterCommit(),
}

// logical is one operation with the result that its caller got.
type logical struct {
	key     string
	err     error
	unknown bool // of a failure
	slow    bool // an attempt timed out, which happens on a busy machine even without a fault
}

// ledger collects the results that callers got.
type ledger struct {
	mu                                  sync.Mutex
	operations                          []logical
	succeeded, failed, unknown, resends int
}

func (l *ledger) add(op logical) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.operations = append(l.operations, op)
	switch {
	case op.err == nil:
		l.succeeded++
	case op.unknown:
		l.unknown++
	default:
		l.failed++
	}
}

// operate does one logical operation. With resend, it repeats an operation of
// unknown outcome with the error's key, as a program would after a restart.
func (l *ledger) operate(t *testing.T, resend bool, send func(key string, info payments.Option) error) bool {
	var op logical
	do := func(key string) error {
		var info payments.ResponseInfo
		err := send(key, payments.WithResponseInfo(&info))
		for _, attempt := range info.Attempts {
			op.slow = op.slow || attempt.Status == 0 && attempt.Duration >= faultTimeout
		}
		return err
	}
	op.err = do("")
	for range 2 {
		if op.err == nil {
			break
		}
		e := failure(t, op.err)
		op.key, op.unknown = e.IdempotencyKey, op.unknown || e.OutcomeUnknown()
		if !resend || !op.unknown {
			break
		}
		l.mu.Lock()
		l.resends++
		l.mu.Unlock()
		op.err = do(op.key)
	}
	l.add(op)
	return op.err == nil
}

// Thousands of injected faults: every operation ends in success or in an error
// that is right about what the server did, and nothing is done twice.
func TestFaults(t *testing.T) {
	goroutines := runtime.NumGoroutine()
	srv := paymentstest.NewServer(t, paymentstest.WithSeed(faultSeed), paymentstest.WithHistory(100_000),
		paymentstest.WithDelivery(func(paymentstest.Callback) paymentstest.Delivery { return paymentstest.Never() }),
		paymentstest.WithFaults(paymentstest.AtRandom(faultSeed, 0.3, faultKinds...)))
	transport := &http.Transport{MaxIdleConnsPerHost: faultWorkers}
	var clients [faultClients]*payments.Client
	for i := range clients {
		var err error
		clients[i], err = payments.NewClient(append(srv.ClientOptions(), payments.WithHTTPClient(&http.Client{Transport: transport}), payments.WithAttemptTimeout(faultTimeout))...)
		if err != nil {
			t.Fatal(err)
		}
	}
	var results ledger
	var group sync.WaitGroup
	calls := make(chan string)
	for i := range faultWorkers {
		group.Go(func() {
			for call := range calls {
				paySession(t, srv, clients[i%faultClients], &results, call)
			}
		})
	}
	for n := range faultSessions {
		calls <- fmt.Sprintf("CA%032x", n)
	}
	close(calls)
	group.Wait()
	if err := srv.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkOutcomes(t, srv, &results)
	transport.CloseIdleConnections()
	srv.Close()
	leak.Goroutines(t, goroutines)
}

// paySession is one payment: five operations, and a caller who types. One third
// of the sessions makes no retries, and one third resends by key.
func paySession(t *testing.T, srv *paymentstest.Server, client *payments.Client, results *ledger, call string) {
	ctx, kind := context.Background(), call[len(call)-1]%3
	var opts []payments.Option
	if kind == 0 {
		opts = append(opts, payments.WithMaxRetries(0))
	}
	var sid string
	if !results.operate(t, kind == 1, func(key string, info payments.Option) error {
		session, err := client.Create(ctx, call, payments.CreateParams{IdempotencyKey: key, StatusCallback: callback, ChargeAmount: "10.00", PostalCode: new(false)}, append(opts, info)...)
		if err == nil {
			sid = session.SID
		}
		return err
	}) {
		return
	}
	update := func(params payments.UpdateParams) bool {
		params.StatusCallback = callback
		return results.operate(t, kind == 1, func(key string, info payments.Option) error {
			params.IdempotencyKey = key
			_, err := client.Update(ctx, call, sid, params, append(opts, info)...)
			return err
		})
	}
	for _, step := range []struct {
		capture payments.Capture
		digits  string
	}{
		{payments.CapturePaymentCardNumber, "4111111111111111"}, {payments.CaptureExpirationDate, "1299"}, {payments.CaptureSecurityCode, "123"},
	} {
		if !update(payments.UpdateParams{Capture: step.capture}) {
			return
		}
		if err := srv.Call(call).Enter(step.digits); err != nil {
			t.Errorf("%s: the caller is not asked: %v", step.capture, err)
		}
	}
	update(payments.UpdateParams{Status: payments.StatusComplete})
}

// checkOutcomes compares the callers' results with what the server did.
func checkOutcomes(t *testing.T, srv *paymentstest.Server, results *ledger) {
	t.Helper()
	commits, undecided, attempts, faults := map[string]int{}, map[string]bool{}, 0, 0
	for _, r := range srv.Requests() {
		attempts++
		if !r.Fault.None() {
			faults++
			undecided[r.IdempotencyKey] = undecided[r.IdempotencyKey] || r.Status != 429
		}
		if r.Committed {
			commits[r.IdempotencyKey]++
		}
	}
	for key, n := range commits {
		if n > 1 {
			t.Errorf("key %s was committed %d times", key, n)
		}
	}
	committed := 0
	for _, op := range results.operations {
		if op.err != nil && !op.unknown && commits[op.key] > 0 {
			t.Errorf("the error says that nothing was done, but the server did it: %v", op.err)
		}
		if op.err != nil && op.unknown && !undecided[op.key] && !op.slow {
			t.Errorf("the error says that the outcome is unknown, but every response was decisive: %v", op.err)
		}
		if op.err == nil || commits[op.key] > 0 {
			committed++
		}
	}
	if len(commits) != committed {
		t.Errorf("%d operations were committed, and the callers know of %d", len(commits), committed)
	}
	charged := map[string]int{}
	for _, charge := range srv.Charges() {
		if charged[charge.SID]++; charged[charge.SID] > 1 {
			t.Errorf("session %s was charged %d times", charge.SID, charged[charge.SID])
		}
	}
	if len(results.operations) < 5000 || len(charged) < faultSessions/2 || results.unknown < 50 || results.failed < 10 || results.resends < 50 || faults < attempts/4 {
		t.Error("the run is too small to show anything")
	}
	t.Logf("seed %d: %d operations in %d attempts, %d of them faulty; %d succeeded, %d failed knowing that nothing was done, %d of unknown outcome; %d resent by key; %d sessions charged, none twice",
		faultSeed, len(results.operations), attempts, faults, results.succeeded, results.failed, results.unknown, results.resends, len(charged))
}
