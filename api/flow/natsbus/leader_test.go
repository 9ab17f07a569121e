package natsbus_test

import (
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
)

// TestANewLeader: a server that has just become the leader may not have applied
// what the previous one acknowledged. Events must not be reported as lost then.
// The test stands between the bus and the servers' API and acts as such a
// leader.
func TestANewLeader(t *testing.T) {
	t.Parallel()
	const prefix = "between.API"
	s := startServer(t)
	nc := connect(t, s)
	var behind atomic.Int64 // reads that find nothing
	_, err := nc.Subscribe(prefix+".>", func(m *nats.Msg) {
		subject := "$JS.API" + strings.TrimPrefix(m.Subject, prefix)
		go func() {
			response, err := nc.Request(subject, m.Data, 5*time.Second)
			if err != nil {
				return
			}
			data := response.Data
			switch {
			case behind.Load() <= 0:
			case strings.HasPrefix(subject, "$JS.API.STREAM.MSG.GET."+eventStream):
				behind.Add(-1)
				data = []byte(`{"type":"io.nats.jetstream.api.v1.stream_msg_get_response","error":{"code":404,"err_code":10037,"description":"no message found"}}`)
			case subject == "$JS.API.STREAM.INFO."+eventStream:
				var info map[string]any
				if json.Unmarshal(data, &info) == nil && info["state"] != nil {
					info["state"].(map[string]any)["last_seq"] = 0
					data, _ = json.Marshal(info)
				}
			}
			_ = m.Respond(data)
		}()
	})
	must(t, err)
	js, err := jetstream.NewWithAPIPrefix(connect(t, s), prefix)
	must(t, err)
	bus, err := natsbus.NewWithJetStream(bounded(t), js, natsbus.WithHeartbeat(500*time.Millisecond))
	must(t, err)
	publish(t, bus, numbered(1), "1")
	_, live, err := bus.Subscribe(bounded(t), numbered(1))
	must(t, err)
	defer func() { _ = live.Close() }()
	publish(t, bus, numbered(1), "2")
	if m, err := live.Next(bounded(t)); err != nil || m.ID != "2" {
		t.Fatalf("%v (want 2), %v", m.ID, err)
	}

	behind.Store(3)
	plain, err := jetstream.New(nc)
	must(t, err)
	stream, err := plain.Stream(bounded(t), eventStream)
	must(t, err)
	for name := range stream.ConsumerNames(bounded(t)).Name() {
		must(t, plain.DeleteConsumer(bounded(t), eventStream, name)) // makes the bus check its position
	}
	publish(t, bus, numbered(1), "3")
	if m, err := live.Next(bounded(t)); err != nil || m.ID != "3" {
		t.Errorf("%v (want 3), %v: the events were reported as lost", m.ID, err)
	}
	if behind.Load() > 0 {
		t.Error("the leader was not queried")
	}
}
