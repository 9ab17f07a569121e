package natsbus_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	nc := connect(t, startServer(t))
	for name, opt := range map[string]natsbus.Option{
		"nil": nil, "no name": natsbus.WithName(""), "a name with a dot": natsbus.WithName("a.b"), "a wild card": natsbus.WithName("*"),
		"no replicas": natsbus.WithReplicas(0), "many replicas": natsbus.WithReplicas(6), "short expiry": natsbus.WithExpiry(time.Hour - 1),
		"few bytes": natsbus.WithMaxBytes(1000), "fast heartbeat": natsbus.WithHeartbeat(time.Millisecond), "slow heartbeat": natsbus.WithHeartbeat(time.Minute),
		"short key": natsbus.WithKey(key[:16]), "no key": natsbus.WithKey(nil), "short older key": natsbus.WithKey(key, key[:31]),
	} {
		if bus, err := natsbus.New(bounded(t), nc, opt); err == nil || bus != nil || !strings.HasPrefix(err.Error(), "natsbus: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := natsbus.New(bounded(t), nil); err == nil {
		t.Error("no connection: no error")
	}
	if text := fmt.Sprintf("%v %+v", natsbus.WithKey(key), newBus(t, nc, natsbus.WithKey(key))); strings.Contains(text, string(key)) || strings.Contains(text, "7 7 7") {
		t.Error("a printed bus shows its key")
	}
}

func TestTheStreamIsAsTheOptionsSay(t *testing.T) {
	t.Parallel()
	nc := connect(t, startServer(t))
	js, err := jetstream.New(nc)
	must(t, err)
	check := func(name string, expiry time.Duration, storage jetstream.StorageType) {
		t.Helper()
		for _, stream := range []string{strings.ToUpper(name) + "_EVENTS", "KV_" + name + "-claims"} {
			s, err := js.Stream(bounded(t), stream)
			must(t, err)
			if c := s.CachedInfo().Config; c.MaxAge != 2*expiry || c.Storage != storage || c.Replicas != 1 || c.Discard != jetstream.DiscardNew || c.Duplicates != min(expiry, 2*time.Minute) {
				t.Errorf("%s: %+v", stream, c)
			}
		}
	}
	newBus(t, nc)
	check("twiliopay", 24*time.Hour, jetstream.FileStorage)
	newBus(t, nc, natsbus.WithExpiry(time.Hour)) // the latest counts
	check("twiliopay", time.Hour, jetstream.FileStorage)
	newBus(t, nc, natsbus.WithName("shop-2"), natsbus.WithMemoryStorage(), natsbus.WithExpiry(2*time.Hour))
	check("shop-2", 2*time.Hour, jetstream.MemoryStorage)
}

func TestNamesKeepApplicationsApart(t *testing.T) {
	t.Parallel()
	nc := connect(t, startServer(t))
	one, two := newBus(t, nc, natsbus.WithName("one")), newBus(t, nc, natsbus.WithName("two"))
	s := flow.Session{AccountSID: fmt.Sprintf("AC%032x", 1), CallSID: fmt.Sprintf("CA%032x", 1), SID: fmt.Sprintf("PK%032x", 1)}
	must(t, one.Publish(bounded(t), flow.Message{Session: s, ID: "id"}))
	_, err := one.Swap(bounded(t), s, []byte("record"), 0)
	must(t, err)
	past, live, err := two.Subscribe(bounded(t), s)
	must(t, err)
	must(t, live.Close())
	if _, revision, err := two.Load(bounded(t), s); len(past) != 0 || revision != 0 || err != nil {
		t.Errorf("%d messages, revision %d, %v", len(past), revision, err)
	}
}

// TestAFullStream refuses events, so that Twilio is answered 500, and drops none.
func TestAFullStream(t *testing.T) {
	t.Parallel()
	bus := newBus(t, connect(t, startServer(t)), natsbus.WithMaxBytes(1<<20))
	s := flow.Session{AccountSID: fmt.Sprintf("AC%032x", 1), CallSID: fmt.Sprintf("CA%032x", 1), SID: fmt.Sprintf("PK%032x", 1)}
	var err error
	sent := 0
	for ; err == nil; sent++ {
		err = bus.Publish(bounded(t), flow.Message{Session: s, ID: fmt.Sprint(sent), Body: "PaymentError=" + strings.Repeat("x", 50_000)})
	}
	if !errors.Is(err, flow.ErrFull) {
		t.Fatalf("publish: %v, want ErrFull", err)
	}
	past, live, err := bus.Subscribe(bounded(t), s)
	must(t, err)
	must(t, live.Close())
	if len(past) != sent-1 || past[0].ID != "0" {
		t.Errorf("%d messages are there of %d", len(past), sent-1)
	}
	form := url.Values{"AccountSid": {s.AccountSID}, "CallSid": {s.CallSID}, "Sid": {s.SID}, "PaymentError": {strings.Repeat("x", 50_000)}}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://pay.example.com/", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", callback.Sign(paymentstest.DefaultAuthToken, "https://pay.example.com/", form))
	w := httptest.NewRecorder()
	newHandler(t, bus).ServeHTTP(w, r)
	if w.Code != http.StatusInternalServerError {
		t.Errorf("the callback was answered %d, want 500", w.Code)
	}
}

// TestAnAccountWithLimits and a password, as operators give them.
func TestAnAccountWithLimits(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "nats.conf")
	must(t, os.WriteFile(file, []byte(`accounts {
		PAY {
			users: [{user: pay, password: secret}]
			jetstream: {max_consumers: 50, max_file: 100MB}
		}
	}`), 0o600))
	opts, err := server.ProcessConfigFile(file)
	must(t, err)
	opts.Host, opts.Port, opts.JetStream, opts.StoreDir, opts.NoSigs, opts.NoLog = "127.0.0.1", server.RANDOM_PORT, true, t.TempDir(), true, true
	s := run(t, opts)
	if _, err := nats.Connect(s.ClientURL()); !errors.Is(err, nats.ErrAuthorization) {
		t.Fatalf("connect without credentials: %v", err)
	}
	nc, err := nats.Connect(s.ClientURL(), nats.UserInfo("pay", "secret"))
	must(t, err)
	t.Cleanup(nc.Close)
	newBus(t, nc, natsbus.WithMaxBytes(1<<20))
	bus := newBus(t, nc, natsbus.WithMaxBytes(1<<20)) // and once more, as a second machine does
	d := newDesk(t, bus)
	d.tokenise(bus)
}
