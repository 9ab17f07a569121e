package natsbus_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
)

// configured starts a server with a configuration file.
func configured(t testing.TB, config string) *server.Server {
	t.Helper()
	file := filepath.Join(t.TempDir(), "nats.conf")
	must(t, os.WriteFile(file, []byte(config), 0o600))
	opts, err := server.ProcessConfigFile(file)
	must(t, err)
	opts.ServerName, opts.Host, opts.Port, opts.StoreDir, opts.NoSigs, opts.NoLog = "single", "127.0.0.1", server.RANDOM_PORT, t.TempDir(), true, true
	return run(t, opts)
}

func connectAs(t testing.TB, s *server.Server, user string) *nats.Conn {
	t.Helper()
	nc, err := natsbus.Connect(s.ClientURL(), nats.UserInfo(user, "secret"), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	must(t, err)
	t.Cleanup(nc.Close)
	return nc
}

// TestAMissingPermissionIsNamedAtOnce, for every operation of the bus.
func TestAMissingPermissionIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	s := numbered(1)
	for subject, do := range map[string]func(context.Context, *natsbus.Bus) error{
		subjectOf(s): func(ctx context.Context, bus *natsbus.Bus) error {
			return bus.Publish(ctx, flow.Message{Session: s, ID: "id"})
		},
		"$KV.twiliopay-claims." + recordKey(s): func(ctx context.Context, bus *natsbus.Bus) error {
			_, err := bus.Swap(ctx, s, []byte("record"), 0)
			return err
		},
		"$JS.API.STREAM.MSG.GET.KV_twiliopay-claims": func(ctx context.Context, bus *natsbus.Bus) error {
			_, _, err := bus.Load(ctx, s)
			return err
		},
		"$JS.API.STREAM.MSG.GET." + eventStream:           subscribing(s),
		"$JS.API.DIRECT.GET." + eventStream:               subscribing(s),
		"$JS.API.CONSUMER.CREATE." + eventStream + ".>":   subscribing(s),
		"$JS.API.CONSUMER.CREATE.KV_twiliopay-claims.>":   listing(s),
		"$JS.API.CONSUMER.MSG.NEXT.KV_twiliopay-claims.>": listing(s),
		"$JS.API.STREAM.INFO." + eventStream:              nil, // New reports it
		"$JS.API.STREAM.INFO.KV_twiliopay-claims":         nil,
		"$JS.API.STREAM.CREATE." + eventStream:            nil,
		"$JS.API.STREAM.CREATE.KV_twiliopay-claims":       nil,
	} {
		t.Run(subject, func(t *testing.T) {
			t.Parallel()
			srv := configured(t, fmt.Sprintf(`jetstream: enabled
				accounts { PAY { jetstream: enabled, users: [
					{user: free, password: secret}
					{user: pay, password: secret, permissions: {publish: {deny: ["%s"]}}}
				] } }`, subject))
			if !strings.Contains(subject, "STREAM.CREATE") {
				publish(t, newBus(t, connectAs(t, srv, "free")), s, "before")
			}
			began := time.Now()
			bus, err := natsbus.New(bounded(t), connectAs(t, srv, "pay"))
			if do != nil {
				must(t, err)
				err = do(bounded(t), bus)
			}
			denial, ok := errors.AsType[*natsbus.PermissionError](err)
			if !ok || denial.Action != "publish" || !strings.HasPrefix(denial.Subject, strings.TrimSuffix(subject, ">")) || !errors.Is(err, nats.ErrPermissionViolation) {
				t.Errorf("%v, want nats.ErrPermissionViolation", err)
			}
			if took := time.Since(began); took > 8*time.Second { // a request may take 10 s
				t.Errorf("it took %s", took)
			}
		})
	}
}

// TestTheInboxIsForbidden: no request gets a response.
func TestTheInboxIsForbidden(t *testing.T) {
	t.Parallel()
	srv := configured(t, `jetstream: enabled
		accounts { PAY { jetstream: enabled, users: [
			{user: pay, password: secret, permissions: {subscribe: {deny: ["_INBOX.>"]}}}
		] } }`)
	_, err := natsbus.New(bounded(t), connectAs(t, srv, "pay"))
	denial, ok := errors.AsType[*natsbus.PermissionError](err)
	if !ok || denial.Action != "subscribe" || !strings.HasPrefix(denial.Subject, "_INBOX.") {
		t.Errorf("%v, want a *PermissionError for subscribing to the inbox", err)
	}
}

// leastPermissions returns the permissions that the package documentation
// lists.
func leastPermissions(t *testing.T) string {
	t.Helper()
	doc, err := os.ReadFile("doc.go")
	must(t, err)
	lists := make(map[string]string)
	for _, match := range regexp.MustCompile(`(?m)^//\t(publish|subscribe) +(\S+)$`).FindAllStringSubmatch(string(doc), -1) {
		lists[match[1]] += fmt.Sprintf("%q,", match[2])
	}
	return fmt.Sprintf("publish: {allow: [%s]}, subscribe: {allow: [%s]}", lists["publish"], lists["subscribe"])
}

// TestTheLeastPermissions are enough for every operation of a bus, over streams
// that an operator has created, and nothing is refused.
func TestTheLeastPermissions(t *testing.T) {
	t.Parallel()
	all := leastPermissions(t)
	t.Run("all", func(t *testing.T) { t.Parallel(); areEnough(t, all, true) })
	without := regexp.MustCompile(`"[^"]*CONSUMER[^"]*KV_[^"]*",`).ReplaceAllString(all, "")
	if strings.Count(all, "CONSUMER")-strings.Count(without, "CONSUMER") != 3 {
		t.Fatal("the documentation lists different permissions for List than this test removes")
	}
	t.Run("without those of List", func(t *testing.T) { t.Parallel(); areEnough(t, without, false) })
}

func areEnough(t *testing.T, permissions string, withList bool) {
	t.Helper()
	srv := configured(t, fmt.Sprintf(`jetstream: enabled
		accounts { PAY { jetstream: enabled, users: [
			{user: operator, password: secret}
			{user: pay, password: secret, permissions: {%s}}
		] } }`, permissions))
	operator := connectAs(t, srv, "operator")
	must(t, natsbus.Update(bounded(t), operator, natsbus.WithMaxBytes(64<<20)))
	var refused atomic.Pointer[error]
	nc, err := natsbus.Connect(srv.ClientURL(), nats.UserInfo("pay", "secret"),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused.Store(&err) }))
	must(t, err)
	t.Cleanup(nc.Close)
	bus := newBus(t, nc, natsbus.WithKey(key), natsbus.WithHeartbeat(500*time.Millisecond))
	d := flowtest.NewDesk(t, bus)
	f, _ := d.Tokenize(bus)
	d.Resume(bus, f)
	_, live, err := bus.Subscribe(bounded(t), numbered(1))
	must(t, err)
	consumers := consumersOf(t, operator, eventStream)
	js, err := jetstream.New(operator)
	must(t, err)
	must(t, js.DeleteConsumer(bounded(t), eventStream, consumers[0].Name))
	for n := range 500 { // enough for flow control
		must(t, bus.Publish(bounded(t), flow.Message{Session: numbered(1), ID: fmt.Sprint(n), Body: wire.Hide("PaymentError=" + strings.Repeat("x", 20_000))}))
	}
	for n := range 500 {
		expect(t, live, fmt.Sprint(n))
	}
	must(t, live.Close())
	if withList {
		must(t, listing(numbered(1))(bounded(t), bus))
	}
	for _, stream := range []string{eventStream, "KV_twiliopay-claims"} {
		waitFor(t, func() bool { return len(consumersOf(t, operator, stream)) == 0 }) // deleted, not only abandoned
	}
	if err := refused.Load(); err != nil {
		t.Error(*err)
	}
}

// listing reads more records than are read one by one.
func listing(s flow.Session) func(context.Context, *natsbus.Bus) error {
	return func(ctx context.Context, bus *natsbus.Bus) error {
		for n := range 10 {
			if _, err := bus.Swap(ctx, numbered(100+n), []byte("record"), 0); err != nil {
				return err
			}
		}
		_, err := bus.List(ctx, flow.ListQuery{AccountSID: s.AccountSID, Limit: 100})
		return err
	}
}

func subscribing(s flow.Session) func(context.Context, *natsbus.Bus) error {
	return func(ctx context.Context, bus *natsbus.Bus) error {
		_, _, err := bus.Subscribe(ctx, s)
		return err
	}
}

// TestWithoutJetStream the error says so, at once.
func TestWithoutJetStream(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ config, want string }{
		"of the server":  {`accounts { PAY { users: [{user: pay, password: secret}] } }`, "JetStream is not enabled"},
		"of the account": {"jetstream: enabled\naccounts { PAY { users: [{user: pay, password: secret}] } }", "JetStream is not enabled for the account"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			_, err := natsbus.New(bounded(t), connectAs(t, configured(t, c.config), "pay"))
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "deadline") {
				t.Errorf("%v, want %q and no deadline", err, c.want)
			}
			if took := time.Since(began); took > 8*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// TestNoRoom, in the stream, the bucket and the account, is ErrFull.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		account string
		opts    []natsbus.Option
	}{
		"in the streams": {"jetstream: enabled", []natsbus.Option{natsbus.WithMaxBytes(1 << 20)}},
		"in the account": {"jetstream: {max_file: 3MB}", nil},
		"in memory":      {"jetstream: {max_memory: 3MB}", []natsbus.Option{natsbus.WithMemoryStorage()}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := configured(t, fmt.Sprintf("jetstream: enabled\naccounts { PAY { %s, users: [{user: pay, password: secret}] } }", c.account))
			bus := newBus(t, connectAs(t, srv, "pay"), c.opts...)
			var publishErr, swapErr error
			for n := 0; n < 200 && (publishErr == nil || swapErr == nil); n++ {
				if publishErr == nil {
					publishErr = bus.Publish(bounded(t), flow.Message{Session: numbered(n), ID: "id", Body: wire.Hide("PaymentError=" + strings.Repeat("x", 50_000))})
				}
				if swapErr == nil {
					_, swapErr = bus.Swap(bounded(t), numbered(n), []byte(strings.Repeat("x", 50_000)), 0)
				}
			}
			if !errors.Is(publishErr, flow.ErrFull) || !errors.Is(swapErr, flow.ErrFull) {
				t.Errorf("publish: %v, swap: %v, want ErrFull", publishErr, swapErr)
			}
		})
	}
}

// TestNoQuorum: two of three servers are down.
func TestNoQuorum(t *testing.T) {
	t.Parallel()
	servers := startCluster(t, 3)
	bus := newBus(t, connect(t, servers[0]), natsbus.WithReplicas(3))
	publish(t, bus, numbered(1), "before")
	stop(servers[1])
	stop(servers[2])
	for name, do := range map[string]func(context.Context) error{
		"publish": func(ctx context.Context) error {
			return bus.Publish(ctx, flow.Message{Session: numbered(1), ID: "after"})
		},
		"subscribe": func(ctx context.Context) error { return subscribing(numbered(1))(ctx, bus) },
	} {
		var err error
		holds := func() bool {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			err = do(ctx)
			return err != nil && strings.Contains(err.Error(), "leader") && strings.Count(err.Error(), "deadline exceeded") < 2
		}
		for began := time.Now(); !holds(); { // the servers need time to notice
			if time.Since(began) > time.Minute {
				t.Fatalf("%s: still %v after a minute", name, err)
			}
		}
		t.Logf("%s: %v", name, err)
	}
}

// TestAClosedConnection is reported as such.
func TestAClosedConnection(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	nc, err := nats.Connect(s.ClientURL(), nats.MaxReconnects(1), nats.ReconnectWait(time.Millisecond))
	must(t, err)
	t.Cleanup(nc.Close)
	bus := newBus(t, nc)
	stop(s)
	waitFor(t, nc.IsClosed)
	err = bus.Publish(bounded(t), flow.Message{Session: numbered(1), ID: "id"})
	if !errors.Is(err, nats.ErrConnectionClosed) || !strings.Contains(err.Error(), "see Connect") {
		t.Errorf("%v, want nats.ErrConnectionClosed", err)
	}
}
