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

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
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
			t.Errorf("%s: %v, want an error of natsbus", name, err)
		}
	}
	if _, err := natsbus.New(bounded(t), nil); err == nil {
		t.Error("no connection: no error")
	}
	if text := fmt.Sprintf("%v %+v", natsbus.WithKey(key), newBus(t, nc, natsbus.WithKey(key))); strings.Contains(text, string(key)) || strings.Contains(text, "7 7 7") {
		t.Error("a printed bus shows its key")
	}
}

// settings returns the configurations of the two streams.
func settings(t *testing.T, js jetstream.JetStream, name string) (all []jetstream.StreamConfig) {
	t.Helper()
	for _, stream := range []string{strings.ToUpper(name) + "_EVENTS", "KV_" + name + "-claims"} {
		s, err := js.Stream(bounded(t), stream)
		must(t, err)
		all = append(all, s.CachedInfo().Config)
	}
	return all
}

// TestCreatedStreams have the settings of the options.
func TestCreatedStreams(t *testing.T) {
	t.Parallel()
	nc := connect(t, startServer(t))
	js, err := jetstream.New(nc)
	must(t, err)
	for name, c := range map[string]struct {
		opts    []natsbus.Option
		expiry  time.Duration
		storage jetstream.StorageType
		bytes   []int64
	}{
		"default": {nil, 24 * time.Hour, jetstream.FileStorage, []int64{-1, -1}},
		"options": {
			[]natsbus.Option{natsbus.WithExpiry(2 * time.Hour), natsbus.WithMemoryStorage(), natsbus.WithMaxBytes(16 << 20)},
			2 * time.Hour, jetstream.MemoryStorage, []int64{16 << 20, 2 << 20},
		},
	} {
		newBus(t, nc, append(c.opts, natsbus.WithName(name))...)
		for i, got := range settings(t, js, name) {
			if got.MaxAge != 2*c.expiry || got.Storage != c.storage || got.Replicas != 1 || got.MaxBytes != c.bytes[i] || got.Discard != jetstream.DiscardNew || got.Duplicates != 2*time.Minute {
				t.Errorf("%s: %+v, want %+v", got.Name, got, c)
			}
		}
	}
}

// TestNewChangesNothing that exists: New uses it as it is, or its error names
// each setting that differs from an option, with both values.
func TestNewChangesNothing(t *testing.T) {
	t.Parallel()
	nc := connect(t, startServer(t))
	js, err := jetstream.New(nc)
	must(t, err)
	newBus(t, nc, natsbus.WithExpiry(2*time.Hour), natsbus.WithMaxBytes(16<<20))
	made := settings(t, js, "twiliopay")
	newBus(t, nc) // without options, as a second process may do
	for name, c := range map[string]struct {
		opt  natsbus.Option
		want []string
	}{
		"replicas": {natsbus.WithReplicas(3), []string{"replicas", "WithReplicas", "is 1", "wanted 3"}},
		"expiry":   {natsbus.WithExpiry(time.Hour), []string{"WithExpiry", "is 2h0m0s", "wanted 1h0m0s"}},
		"storage":  {natsbus.WithMemoryStorage(), []string{"storage", "is File", "wanted Memory"}},
		"size":     {natsbus.WithMaxBytes(32 << 20), []string{"WithMaxBytes", "is 16777216", "wanted 33554432", "is 2097152", "wanted 4194304"}},
	} {
		bus, err := natsbus.New(bounded(t), nc, c.opt)
		mismatch, ok := errors.AsType[*natsbus.MismatchError](err)
		if bus != nil || !ok || mismatch.Stream != eventStream {
			t.Errorf("%s: %v, want a *MismatchError of the events", name, err)
			continue
		}
		for _, text := range append(c.want, eventStream, "KV_twiliopay-claims", "natsbus.Update") {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%s: %q is not in %v", name, text, err)
			}
		}
	}
	if diff := cmp.Diff(made, settings(t, js, "twiliopay")); diff != "" {
		t.Errorf("New changed the streams (-before +after):\n%s", diff)
	}

	must(t, natsbus.Update(bounded(t), nc, natsbus.WithExpiry(3*time.Hour)))
	for i, got := range settings(t, js, "twiliopay") {
		if got.MaxAge != 6*time.Hour || got.MaxBytes != made[i].MaxBytes {
			t.Errorf("updated: %+v", got)
		}
	}
	newBus(t, nc, natsbus.WithExpiry(3*time.Hour))
}

// TestStreamsOfAnOperator are used as they are if only other settings differ,
// and refused if they would lose events.
func TestStreamsOfAnOperator(t *testing.T) {
	t.Parallel()
	events := jetstream.StreamConfig{
		Name: eventStream, Description: "ours", Subjects: []string{"twiliopay.events.*.*.*"}, MaxAge: 90 * time.Hour, MaxBytes: 64 << 20,
		MaxMsgSize: 100_000, Discard: jetstream.DiscardNew, Duplicates: 5 * time.Minute, Metadata: map[string]string{"team": "payments"},
	}
	bucket := jetstream.KeyValueConfig{Bucket: "twiliopay-claims", History: 5, TTL: 90 * time.Hour, MaxBytes: 8 << 20}
	for name, c := range map[string]struct {
		edit func(*jetstream.StreamConfig, *jetstream.KeyValueConfig)
		want string
	}{
		"as it is":       {func(*jetstream.StreamConfig, *jetstream.KeyValueConfig) {}, ""},
		"dropping old":   {func(s *jetstream.StreamConfig, _ *jetstream.KeyValueConfig) { s.Discard = jetstream.DiscardOld }, "discard policy is DiscardOld, wanted DiscardNew"},
		"one event each": {func(s *jetstream.StreamConfig, _ *jetstream.KeyValueConfig) { s.MaxMsgsPerSubject = 1 }, "per subject is 1, wanted no limit"},
		"a work queue":   {func(s *jetstream.StreamConfig, _ *jetstream.KeyValueConfig) { s.Retention = jetstream.WorkQueuePolicy }, "retention is"},
		"a minute": {func(s *jetstream.StreamConfig, _ *jetstream.KeyValueConfig) {
			s.MaxAge, s.Duplicates = time.Minute, time.Minute
		}, "maximum age is 1m0s, wanted 0 or at least 2h0m0s"},
		"a minute's records": {func(_ *jetstream.StreamConfig, b *jetstream.KeyValueConfig) { b.TTL = time.Minute }, "stream KV_twiliopay-claims: maximum age is 1m0s"},
		"other subjects":     {func(s *jetstream.StreamConfig, _ *jetstream.KeyValueConfig) { s.Subjects = []string{"other"} }, "subjects is [other], wanted [twiliopay.events.*.*.*]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nc := connect(t, startServer(t))
			js, err := jetstream.New(nc)
			must(t, err)
			events, bucket := events, bucket
			c.edit(&events, &bucket)
			_, err = js.CreateStream(bounded(t), events)
			must(t, err)
			_, err = js.CreateKeyValue(bounded(t), bucket)
			must(t, err)
			made := settings(t, js, "twiliopay")
			bus, err := natsbus.New(bounded(t), nc)
			if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) || c.want == "" && err != nil {
				t.Fatalf("%v, want %q", err, c.want)
			}
			if diff := cmp.Diff(made, settings(t, js, "twiliopay")); diff != "" {
				t.Errorf("New changed the streams (-before +after):\n%s", diff)
			}
			if c.want == "" {
				flowtest.NewDesk(t, bus).Tokenize(bus)
			}
			if name == "a work queue" {
				return // the server does not change this
			}
			must(t, natsbus.Update(bounded(t), nc))
			updated, err := natsbus.New(bounded(t), nc)
			must(t, err)
			if c.want != "" {
				flowtest.NewDesk(t, updated).Tokenize(updated)
			}
			if got := settings(t, js, "twiliopay")[0]; got.Description != "ours" || got.MaxMsgSize != 100_000 || got.MaxBytes != 64<<20 || got.Metadata["team"] != "payments" {
				t.Errorf("Update changed settings that no option names: %+v", got)
			}
		})
	}
}

// TestAnAccountThatRequiresSizes refuses streams without one.
func TestAnAccountThatRequiresSizes(t *testing.T) {
	t.Parallel()
	srv := configured(t, `jetstream: enabled
		accounts { PAY { jetstream: {max_file: 100MB, max_bytes_required: true}, users: [{user: pay, password: secret}] } }`)
	nc := connectAs(t, srv, "pay")
	if _, err := natsbus.New(bounded(t), nc); err == nil || !strings.Contains(err.Error(), "WithMaxBytes") {
		t.Errorf("%v, want an error that names WithMaxBytes", err)
	}
	bus := newBus(t, nc, natsbus.WithMaxBytes(16<<20))
	flowtest.NewDesk(t, bus).Tokenize(bus)
}

// TestADomainBehindALeafNode: the process connects to a leaf node, and the
// streams are in the hub's domain.
func TestADomainBehindALeafNode(t *testing.T) {
	t.Parallel()
	leafPort := freePorts(t, 1)[0]
	hub := configured(t, fmt.Sprintf("jetstream: {domain: hub}\nleafnodes: {host: 127.0.0.1, port: %d}", leafPort))
	leaf := configured(t, fmt.Sprintf("leafnodes: {remotes: [{url: \"nats://127.0.0.1:%d\"}]}", leafPort))
	waitFor(t, func() bool { return hub.NumLeafNodes() == 1 })
	nc := connect(t, leaf)
	js, err := jetstream.NewWithDomain(nc, "hub")
	must(t, err)
	bus, err := natsbus.NewWithJetStream(bounded(t), js, natsbus.WithKey(key))
	must(t, err)
	d := flowtest.NewDesk(t, bus)
	f, _ := d.Tokenize(bus)
	direct := newBus(t, connect(t, hub), natsbus.WithKey(key))
	past, live, err := direct.Subscribe(bounded(t), f.Session())
	must(t, err)
	must(t, live.Close())
	if len(past) == 0 {
		t.Error("the hub has no events")
	}
	if _, err := natsbus.New(bounded(t), nc); err == nil || !strings.Contains(err.Error(), "JetStream is not enabled") {
		t.Errorf("without the domain: %v", err)
	}
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
		t.Errorf("%d (want 0) messages, revision %d (want 0), %v", len(past), revision, err)
	}
}

// TestAFullStream refuses events, so that Twilio gets status 500, and drops none.
func TestAFullStream(t *testing.T) {
	t.Parallel()
	bus := newBus(t, connect(t, startServer(t)), natsbus.WithMaxBytes(1<<20))
	s := flow.Session{AccountSID: fmt.Sprintf("AC%032x", 1), CallSID: fmt.Sprintf("CA%032x", 1), SID: fmt.Sprintf("PK%032x", 1)}
	var err error
	sent := 0
	for ; err == nil; sent++ {
		err = bus.Publish(bounded(t), flow.Message{Session: s, ID: fmt.Sprint(sent), Body: wire.Hide("PaymentError=" + strings.Repeat("x", 50_000))})
	}
	if !errors.Is(err, flow.ErrFull) {
		t.Fatalf("publish: %v, want ErrFull", err)
	}
	past, live, err := bus.Subscribe(bounded(t), s)
	must(t, err)
	must(t, live.Close())
	if len(past) != sent-1 || past[0].ID != "0" {
		t.Errorf("%d of %d messages are stored", len(past), sent-1)
	}
	form := url.Values{"AccountSid": {s.AccountSID}, "CallSid": {s.CallSID}, "Sid": {s.SID}, "PaymentError": {strings.Repeat("x", 50_000)}}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://pay.example.com/", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", callback.Sign(paymentstest.DefaultAuthToken, "https://pay.example.com/", form))
	w := httptest.NewRecorder()
	flowtest.Handler(t, bus).ServeHTTP(w, r)
	if w.Code != http.StatusInternalServerError {
		t.Errorf("the callback got status %d, want 500", w.Code)
	}
}

// TestAnAccountWithLimits and a password, as an operator would configure it.
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
		t.Fatalf("connect without credentials: %v, want nats.ErrAuthorization", err)
	}
	nc, err := nats.Connect(s.ClientURL(), nats.UserInfo("pay", "secret"))
	must(t, err)
	t.Cleanup(nc.Close)
	newBus(t, nc, natsbus.WithMaxBytes(1<<20))
	bus := newBus(t, nc, natsbus.WithMaxBytes(1<<20)) // a second machine does the same
	d := flowtest.NewDesk(t, bus)
	d.Tokenize(bus)
}
