package paymentstest_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]paymentstest.Option{
		"nil":                   nil,
		"account SID":           paymentstest.WithCredentials("AC1", "token"),
		"auth token":            paymentstest.WithCredentials(paymentstest.DefaultAccountSID, ""),
		"subaccount SID":        paymentstest.WithSubaccount("AC1", "token"),
		"subaccount token":      paymentstest.WithSubaccount(paymentstest.DefaultAccountSID, ""),
		"key SID":               paymentstest.WithAPIKey("SK1", "secret"),
		"key secret":            paymentstest.WithAPIKey("SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""),
		"address":               paymentstest.WithAddr("127.0.0.1"),
		"address of others":     paymentstest.WithAddr("0.0.0.0:0"),
		"clock":                 paymentstest.WithClock(nil),
		"injector":              paymentstest.WithFaults(nil),
		"callback host":         paymentstest.WithCallbackHosts("https://pay.example.com"),
		"logger":                paymentstest.WithLogger(nil),
		"history":               paymentstest.WithHistory(-1),
		"caller":                paymentstest.WithCaller(nil),
		"gateway":               paymentstest.WithGateway(nil),
		"connectors":            paymentstest.WithAssumptions(paymentstest.Assumptions{Connectors: []string{}}),
		"finished session":      paymentstest.WithAssumptions(paymentstest.Assumptions{FinishedSessionStatus: 202}),
		"code of no status":     paymentstest.WithAssumptions(paymentstest.Assumptions{FinishedSessionCode: 20404}),
		"result and none":       paymentstest.WithAssumptions(paymentstest.Assumptions{CancelResult: "success", NoCancelResult: true}),
		"history in bytes":      paymentstest.WithHistoryBytes(-1),
		"sessions":              paymentstest.WithMaxSessions(-1),
		"host":                  paymentstest.WithHosts("localhost:4010"),
		"lifetime":              paymentstest.WithAssumptions(paymentstest.Assumptions{SessionLifetime: -1}),
		"address in use by all": paymentstest.WithAddr("127.0.0.1:99999"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, err := paymentstest.Start(opt)
			if err == nil {
				srv.Close()
				t.Fatal("no error")
			}
			if name != "address in use by all" && !regexp.MustCompile(`^paymentstest: (With\w+|option 1): [^:]*must|needs`).MatchString(err.Error()) {
				t.Errorf("error %q", err)
			}
			tb := &fakeTB{TB: t}
			if paymentstest.NewServer(tb, opt); tb.fatal != err.Error() {
				t.Errorf("the test ended with %q, want %q", tb.fatal, err)
			}
		})
	}
}

// TestEveryAssumptionIsDocumented searches the package's table for the fields.
func TestEveryAssumptionIsDocumented(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for f := range reflect.TypeFor[paymentstest.Assumptions]().Fields() {
		row := regexp.MustCompile(`(?m)^//\t.* ` + f.Name + `$`)
		if !row.Match(doc) && f.Name != "FinishedSessionCode" && f.Name != "NoCancelResult" { // documented with another field
			t.Errorf("%s is in no row of the table", f.Name)
		}
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	const main, sub, key = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	srv := paymentstest.NewServer(t, paymentstest.WithSubaccount(sub, "s"), paymentstest.WithCredentials(main, "m"), paymentstest.WithAPIKey(key, "k"))
	if srv.AccountSID() != main || srv.AuthToken() != "m" {
		t.Errorf("account %s, want %s", srv.AccountSID(), main)
	}
	tests := []struct {
		name    string
		opts    []payments.Option
		refused bool
	}{
		{"main account", nil, false},
		{"main account on its subaccount", []payments.Option{payments.WithAccount(sub)}, false},
		{"subaccount", []payments.Option{payments.WithCredentials(sub, "s")}, false},
		{"subaccount on the main account", []payments.Option{payments.WithCredentials(sub, "s"), payments.WithAccount(main)}, true},
		{"API key", []payments.Option{payments.WithAPIKey(main, key, "k")}, false},
		{"API key on a subaccount", []payments.Option{payments.WithAPIKey(sub, key, "k")}, false},
		{"wrong token", []payments.Option{payments.WithCredentials(main, "s")}, true},
		{"wrong secret", []payments.Option{payments.WithAPIKey(main, key, "m")}, true},
		{"account that is not known", []payments.Option{payments.WithCredentials(paymentstest.DefaultAccountSID, paymentstest.DefaultAuthToken)}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newClient(t, srv).Create(t.Context(), srv.NewCall().SID, payments.CreateParams{StatusCallback: statusURL}, tt.opts...)
			if tt.refused {
				wantError(t, err, 401, 20003)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSeedDecidesNames(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) (names string) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, noPostalCode, paymentstest.WithSeed(seed))
			b.fillCard()
			b.complete()
			names = b.call.SID + b.sid + b.srv.Charges()[0].ConfirmationCode
			for _, c := range b.srv.Callbacks() {
				names += c.Token + c.Event.Raw().Encode()
			}
		})
		return names
	}
	if first := run(1); first != run(1) || first == run(2) {
		t.Error("the seed does not decide")
	}
}

func TestConnectionsAreCounted(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]paymentstest.Option{"socket": nil, "memory": {paymentstest.InMemory()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := paymentstest.NewServer(t, opts...)
			for range 3 {
				if _, _, err := createOn(srv, callSID).send(t, srv); err != nil {
					t.Fatal(err)
				}
			}
			if n := srv.Connections(); n != 1 {
				t.Errorf("%d connections, want 1", n)
			}
		})
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t, paymentstest.WithHistory(4))
	for range 20 {
		if _, _, err := createOn(srv, callSID).send(t, srv); err != nil {
			t.Fatal(err)
		}
		r := srv.Requests()
		for i := range r {
			if r[i].Number != r[0].Number+i {
				t.Fatalf("request %d follows %d", r[i].Number, r[0].Number)
			}
		}
		if len(r) > 6 || len(r) < 4 && r[0].Number != 1 {
			t.Fatalf("%d requests kept", len(r))
		}
	}
	if r := srv.Requests(); r[len(r)-1].Number != 20 {
		t.Errorf("the last request is number %d, want 20", r[len(r)-1].Number)
	}
}

// TestHistoryKeepsCharges expects all charges to be kept, however short the history
// of requests is.
func TestHistoryKeepsCharges(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t, paymentstest.WithHistory(4), paymentstest.InMemory(), paymentstest.WithCaller(paymentstest.VisaCaller()))
	const payments = 10
	for range payments {
		payWaiting(t, srv)
	}
	if n := len(srv.Charges()); n != payments {
		t.Errorf("%d charges, want %d", n, payments)
	}
}

func TestServeHTTPNeedsNoConnection(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t, paymentstest.InMemory())
	r := createOn(srv, callSID)
	req := httptest.NewRequest("POST", r.path, strings.NewReader(r.body))
	req.SetBasicAuth(r.user, r.password)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	srv.ServeHTTP(w, req)
	if w.Code != 201 {
		t.Errorf("status %d, want 201: %s", w.Code, w.Body)
	}
}

func TestClosedServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, noPostalCode)
		b.must(b.srv.Wait(t.Context()))
		b.srv.Deliver(func(paymentstest.Callback) paymentstest.Delivery { return paymentstest.Late(time.Hour) })
		b.capture(payments.CapturePaymentCardNumber)
		b.srv.Close()
		b.srv.Close()
		if err := b.srv.Wait(t.Context()); !errors.Is(err, paymentstest.ErrClosed) {
			t.Errorf("Wait: %v, want %v", err, paymentstest.ErrClosed)
		}
		if err := b.try(payments.UpdateParams{Capture: payments.CapturePaymentCardNumber}); err == nil {
			t.Error("a closed server responds")
		}
		time.Sleep(2 * time.Hour) // until the late callback is due
		if c := b.srv.Callbacks()[1]; len(c.Attempts) != 0 {
			t.Errorf("delivered after Close: %+v, want none", c.Attempts)
		}
	})
}

func TestLogHasEveryStep(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, noPostalCode, paymentstest.WithLogger(slog.New(slog.NewTextHandler(&logged, nil))))
		b.must(b.srv.Wait(t.Context()))
		b.capture(payments.CaptureExpirationDate)
		b.must(b.srv.Wait(t.Context()))
		b.must(b.call.Enter("1299"))
		b.must(b.srv.Wait(t.Context()))
		b.call.HangUp()
		b.must(b.srv.Wait(t.Context()))
		b.srv.Close()
	})
	for _, want := range []string{
		`msg=request request=1 operation=create`, `status=201`, `msg=callback callback=1`, `msg="caller pressed keys"`, `count=4`,
		`Capture=expiration-date`, `msg="caller hung up"`, `Result=caller-hung-up`, `to=https://pay.example.com/status error="paymentstest: callbacks go to loopback`,
	} {
		if !strings.Contains(logged.String(), want) {
			t.Errorf("the log has no %s:\n%s", want, logged.String())
		}
	}
}

// payWaiting runs a payment on a call of srv with a scripted caller.
func payWaiting(t *testing.T, srv *paymentstest.Server) {
	t.Helper()
	client, call := newClient(t, srv), srv.NewCall()
	s, err := client.Create(t.Context(), call.SID, payments.CreateParams{StatusCallback: statusURL, ChargeAmount: "5", PostalCode: new(false)})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []payments.UpdateParams{
		{Capture: payments.CapturePaymentCardNumber}, {Capture: payments.CaptureExpirationDate},
		{Capture: payments.CaptureSecurityCode}, {Status: payments.StatusComplete},
	} {
		p.StatusCallback = statusURL
		if _, err := client.Update(t.Context(), call.SID, s.SID, p); err != nil {
			t.Fatal(err)
		}
		if err := srv.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
