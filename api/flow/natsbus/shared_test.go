package natsbus_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
)

const eventStream = "TWILIOPAY_EVENTS"

// through connects to a server through a proxy.
func through(t testing.TB, p *proxy, opts ...nats.Option) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect(p.url(), append([]nats.Option{nats.MaxReconnects(-1), nats.ReconnectWait(50 * time.Millisecond)}, opts...)...)
	must(t, err)
	t.Cleanup(nc.Close)
	return nc
}

func publish(t testing.TB, bus flow.Bus, s flow.Session, ids ...string) {
	t.Helper()
	for _, id := range ids {
		must(t, bus.Publish(bounded(t), flow.Message{Session: s, ID: id}))
	}
}

// expect reads messages and compares their IDs.
func expect(t testing.TB, live flow.Subscription, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if m, err := live.Next(bounded(t)); err != nil || m.ID != id {
			t.Fatalf("got %q, %v, want %q", m.ID, err, id)
		}
	}
}

// TestManySubscriptionsAreOneConsumer, without goroutines of their own. It does
// not run in parallel, because it counts goroutines.
func TestManySubscriptionsAreOneConsumer(t *testing.T) {
	const many = 500
	nc := connect(t, startServer(t))
	bus := newBus(t, nc)
	_, first, err := bus.Subscribe(bounded(t), numbered(0))
	must(t, err)
	defer func() { _ = first.Close() }()
	before := runtime.NumGoroutine()
	var open []flow.Subscription
	for n := range many {
		_, live, err := bus.Subscribe(bounded(t), numbered(n))
		must(t, err)
		defer func() { _ = live.Close() }()
		open = append(open, live)
	}
	waitFor(t, func() bool { return runtime.NumGoroutine() < before+many/10 })
	if n := len(consumersOf(t, nc, eventStream)); n != 1 {
		t.Errorf("%d (want 1) consumers of %d subscriptions", n, many)
	}
	var reading sync.WaitGroup
	for n, live := range open {
		publish(t, bus, numbered(n), fmt.Sprint(n))
		reading.Go(func() {
			if m, err := live.Next(bounded(t)); err != nil || m.ID != fmt.Sprint(n) {
				t.Errorf("subscription %d got %q (want %q), %v", n, m.ID, fmt.Sprint(n), err)
			}
		})
	}
	reading.Wait()
}

// TestALostMessageIsReadAgain, whether or not another follows it.
func TestALostMessageIsReadAgain(t *testing.T) {
	t.Parallel()
	for name, after := range map[string][]string{"with one after it": {"c", "d"}, "the last one": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t)
			p := newProxy(t, s)
			there := newBus(t, connect(t, s))
			here := newBus(t, through(t, p), natsbus.WithHeartbeat(500*time.Millisecond))
			_, live, err := here.Subscribe(bounded(t), numbered(1))
			must(t, err)
			publish(t, there, numbered(1), "a")
			expect(t, live, "a")
			lost := make(chan struct{})
			var once sync.Once
			p.loses(func(_ string, message []byte) (lose bool) {
				if bytes.Contains(message, []byte(`"id":"b"`)) {
					once.Do(func() { lose = true; close(lost) })
				}
				return lose
			})
			publish(t, there, numbered(1), append([]string{"b"}, after...)...)
			expect(t, live, append([]string{"b"}, after...)...)
			select {
			case <-lost:
			default:
				t.Error("no message was lost")
			}
		})
	}
}

// TestStaleReplicas: what a replica lacks, or what is lost of its response, is
// read from the leader. The test acts as the replica: the stream allows no
// direct reads, so no server responds.
func TestStaleReplicas(t *testing.T) {
	t.Parallel()
	none := nats.Header{"Status": {"404"}, "Description": {"Message Not Found"}}
	message := func(seq, before, pending int) nats.Header {
		return nats.Header{
			"Nats-Stream": {eventStream}, "Nats-Subject": {subjectOf(numbered(1))}, "Nats-Sequence": {fmt.Sprint(seq)},
			"Nats-Time-Stamp": {time.Now().Format(time.RFC3339Nano)}, "Nats-Last-Sequence": {fmt.Sprint(before)}, "Nats-Num-Pending": {fmt.Sprint(pending)},
		}
	}
	for name, responses := range map[string][]nats.Header{
		"no response":                nil,
		"an empty replica":           {none},
		"a replica with the first":   {message(1, 0, 0)},
		"the first response is lost": {message(2, 1, 1), message(3, 2, 0)},
		"a later response is lost":   {message(1, 0, 2), message(3, 2, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nc := connect(t, startServer(t))
			bus := newBus(t, nc)
			publish(t, bus, numbered(1), "1", "2", "3")
			js, err := jetstream.New(nc)
			must(t, err)
			stream, err := js.Stream(bounded(t), eventStream)
			must(t, err)
			config := stream.CachedInfo().Config
			config.AllowDirect = false
			_, err = js.UpdateStream(bounded(t), config)
			must(t, err)
			asked := make(chan struct{}, 100)
			if responses != nil {
				_, err = nc.Subscribe("$JS.API.DIRECT.GET."+eventStream, func(m *nats.Msg) {
					asked <- struct{}{}
					var request struct {
						From int `json:"seq"`
					}
					must(t, json.Unmarshal(m.Data, &request))
					for _, h := range responses {
						if request.From > 1 {
							h = none
						}
						stored := &nats.Msg{Subject: m.Reply, Header: h}
						if seq := h.Get("Nats-Sequence"); seq != "" {
							stored.Data = flow.Message{Session: numbered(1), ID: seq}.Encode()
						}
						_ = nc.PublishMsg(stored)
					}
				})
				must(t, err)
			}
			past, live, err := bus.Subscribe(bounded(t), numbered(1))
			must(t, err)
			must(t, live.Close())
			if fmt.Sprint(idsOf(past)) != "[1 2 3]" {
				t.Errorf("past is %v", idsOf(past))
			}
			if responses != nil && len(asked) == 0 {
				t.Error("the replica was not queried")
			}
		})
	}
}

func idsOf(messages []flow.Message) (ids []string) {
	for _, m := range messages {
		ids = append(ids, m.ID)
	}
	return ids
}

func subjectOf(s flow.Session) string {
	return "twiliopay.events." + s.AccountSID + "." + s.CallSID + "." + s.SID
}

// TestRecordsAreReadFromTheLeader: other replicas may lag behind. A user
// without permission to ask them reads records nevertheless.
func TestRecordsAreReadFromTheLeader(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	p := newProxy(t, s)
	bus := newBus(t, connect(t, s))
	nc := through(t, p)
	js, err := jetstream.New(nc)
	must(t, err)
	stream, err := js.Stream(bounded(t), "KV_twiliopay-claims")
	must(t, err)
	config := stream.CachedInfo().Config
	config.AllowDirect = true // as in buckets that an operator creates
	_, err = js.UpdateStream(bounded(t), config)
	must(t, err)
	other := newBus(t, nc)
	revision, err := bus.Swap(bounded(t), numbered(1), []byte("record"), 0)
	must(t, err)
	p.loses(func(_ string, message []byte) bool { // a response to a direct read
		return bytes.Contains(message, []byte("Nats-Stream: KV_"))
	})
	if value, got, err := other.Load(bounded(t), numbered(1)); string(value) != "record" || got != revision || err != nil {
		t.Errorf("record %q, revision %d (want %d), %v", value, got, revision, err)
	}
}

// TestASessionThatIsForgotten after half of the time that the stream keeps
// messages: the bus forgets it as a whole, even if the servers still have
// something of it, and notifies subscribers. A record that changes keeps its
// session.
func TestASessionThatIsForgotten(t *testing.T) {
	t.Parallel()
	const expiry = 5 * time.Second
	nc := connect(t, startServer(t))
	bus := newBus(t, nc)
	js, err := jetstream.New(nc)
	must(t, err)
	stream, err := js.Stream(bounded(t), eventStream)
	must(t, err)
	config := stream.CachedInfo().Config
	config.MaxAge, config.Duplicates = 2*expiry, expiry
	_, err = js.UpdateStream(bounded(t), config)
	must(t, err)

	publish(t, bus, numbered(1), "event")
	past, live, err := bus.Subscribe(bounded(t), numbered(1))
	must(t, err)
	if len(past) != 1 {
		t.Fatalf("%d messages, want 1", len(past))
	}
	ended := make(chan error, 1)
	go func() {
		_, err := live.Next(bounded(t))
		ended <- err
	}()
	var revision uint64
	var last time.Time
	for began := time.Now(); time.Since(began) < expiry+2*time.Second; time.Sleep(100 * time.Millisecond) {
		last = time.Now()
		revision, err = bus.Swap(bounded(t), numbered(1), []byte("record"), revision)
		must(t, err)
	}
	if err := <-ended; !errors.Is(err, flow.ErrExpired) || time.Since(last) < expiry {
		t.Errorf("next, %s after the last change: %v, want ErrExpired after %s", time.Since(last), err, expiry)
	}
	if _, got, err := bus.Load(bounded(t), numbered(1)); got != 0 || err != nil {
		t.Errorf("the record has revision %d (want 0), %v", got, err)
	}
	past, live, err = bus.Subscribe(bounded(t), flow.Session{CallSID: numbered(1).CallSID})
	must(t, err)
	must(t, live.Close())
	if len(past) != 0 {
		t.Errorf("%d messages are visible, want 0", len(past))
	}
	if _, err := bus.Swap(bounded(t), numbered(1), []byte("anew"), 0); err != nil {
		t.Errorf("a new record: %v", err)
	}
	if value, _, err := bus.Load(bounded(t), numbered(1)); string(value) != "anew" || err != nil {
		t.Errorf("the new record is %q, %v", value, err)
	}
}
