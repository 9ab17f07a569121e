package natsbus_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
)

// restartable is the configuration of a server that can be stopped and started
// again.
func restartable(t *testing.T) *server.Options {
	t.Helper()
	return &server.Options{
		ServerName: "single", Host: "127.0.0.1", Port: freePorts(t, 1)[0],
		JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true,
	}
}

// TestAnOutageLeavesNothingBehind: requests made during the outage are not all
// executed when the server is back.
func TestAnOutageLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	opts := restartable(t)
	again := *opts
	s := run(t, opts)
	nc := connect(t, s)
	bus := newBus(t, nc, natsbus.WithHeartbeat(500*time.Millisecond))
	var all []flow.Subscription
	for n := range 10 {
		_, live, err := bus.Subscribe(bounded(t), numbered(n))
		must(t, err)
		defer func() { _ = live.Close() }()
		all = append(all, live)
	}
	stop(s)
	time.Sleep(8 * time.Second)
	run(t, &again)
	for n, live := range all {
		must(t, bus.Publish(bounded(t), flow.Message{Session: numbered(n), ID: "after"}))
		if m, err := live.Next(bounded(t)); err != nil || m.ID != "after" {
			t.Error(m, err)
		}
	}
	if n := len(consumersOf(t, nc, eventStream)); n > 2*len(all) {
		t.Errorf("%d consumers of %d subscriptions", n, len(all))
	}
}

// TestAServerLosesTheEndOfItsStream, as in a power failure: the numbers of the
// lost messages are reused, so no subscription can continue after them.
func TestAServerLosesTheEndOfItsStream(t *testing.T) {
	t.Parallel()
	opts := restartable(t)
	before, after := *opts, *opts
	s := run(t, opts)
	nc := connect(t, s)
	bus := newBus(t, nc, natsbus.WithHeartbeat(500*time.Millisecond))
	publish := func(id string) {
		must(t, bus.Publish(bounded(t), flow.Message{Session: numbered(1), ID: id}))
	}
	publish("kept")
	stop(s)
	kept := filepath.Join(t.TempDir(), "kept")
	must(t, os.CopyFS(kept, os.DirFS(opts.StoreDir)))
	s = run(t, &before)
	publish("lost")
	past, live, err := bus.Subscribe(bounded(t), numbered(1))
	must(t, err)
	stop(s)
	must(t, os.RemoveAll(opts.StoreDir))
	must(t, os.CopyFS(opts.StoreDir, os.DirFS(kept)))
	run(t, &after)
	if _, err := live.Next(bounded(t)); !errors.Is(err, flow.ErrExpired) || len(past) != 2 {
		t.Errorf("next after %d messages: %v, want ErrExpired", len(past), err)
	}
}

// TestSubscriptionsEndCompletely, whatever their state: nothing of them is left
// in the process. It does not run in parallel, because it counts goroutines.
func TestSubscriptionsEndCompletely(t *testing.T) {
	s := run(t, restartable(t))
	nc := connect(t, s)
	bus := newBus(t, nc, natsbus.WithHeartbeat(500*time.Millisecond))
	none := nc.NumSubscriptions()
	open := func(n int) flow.Subscription {
		_, live, err := bus.Subscribe(bounded(t), numbered(n))
		must(t, err)
		return live
	}
	ended := func() {
		t.Helper()
		waitFor(t, func() bool { return running() == 0 && nc.NumSubscriptions() <= none })
	}
	behind := open(1)
	for i := range 100 { // more than it buffers
		must(t, bus.Publish(bounded(t), flow.Message{Session: numbered(1), ID: fmt.Sprint(i)}))
	}
	must(t, behind.Close())
	ended()

	forged := numbered(2)
	must(t, nc.Publish("twiliopay.events."+forged.AccountSID+"."+forged.CallSID+"."+forged.SID, flow.Message{Session: numbered(1)}.Encode()))
	must(t, nc.Flush())
	if _, _, err := bus.Subscribe(bounded(t), forged); !errors.Is(err, natsbus.ErrUnreadable) {
		t.Errorf("another session's message: %v, want ErrUnreadable", err)
	}
	ended()

	cutOff := open(3)
	stop(s)
	time.Sleep(2 * time.Second)
	must(t, cutOff.Close())
	if _, err := cutOff.Next(bounded(t)); !errors.Is(err, flow.ErrClosed) {
		t.Errorf("next: %v, want ErrClosed", err)
	}
	ended()
}

// running counts the goroutines of subscriptions and their consumer.
func running() (n int) {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(stack, "natsbus.(*reader).") || strings.Contains(stack, "natsbus.(*subscription).") {
			n++
		}
	}
	return n
}
