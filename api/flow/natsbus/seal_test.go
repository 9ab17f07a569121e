package natsbus_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
)

// raw returns all that the servers store, events and records.
func raw(t *testing.T, nc *nats.Conn) (stored [][]byte) {
	t.Helper()
	js, err := jetstream.New(nc)
	must(t, err)
	for _, name := range []string{"TWILIOPAY_EVENTS", "KV_twiliopay-claims"} {
		stream, err := js.Stream(bounded(t), name)
		must(t, err)
		info, err := stream.Info(bounded(t))
		must(t, err)
		for seq := max(info.State.FirstSeq, 1); seq <= info.State.LastSeq; seq++ {
			m, err := stream.GetMsg(bounded(t), seq)
			if errors.Is(err, jetstream.ErrMsgNotFound) {
				continue
			}
			must(t, err)
			stored = append(stored, m.Data)
		}
	}
	return stored
}

func TestWithAKeyEverythingIsSealed(t *testing.T) {
	t.Parallel()
	nc := connect(t, startServer(t))
	flowtest.Sealed(t, newBus(t, nc, natsbus.WithKey(key)), func() [][]byte { return raw(t, nc) })
}

func TestWithoutAKeyNoTokenIsStored(t *testing.T) {
	t.Parallel()
	nc := connect(t, startServer(t))
	flowtest.Unsealed(t, newBus(t, nc), func() [][]byte { return raw(t, nc) })
}

func TestKeys(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	with := func(opts ...natsbus.Option) flow.Bus { return newBus(t, connect(t, s), opts...) }
	other := bytes.Repeat([]byte{8}, 32)
	flowtest.Keys(t, with(natsbus.WithKey(key)), map[string]flowtest.KeyTest{
		"another key":            {Bus: with(natsbus.WithKey(other)), Want: natsbus.ErrUnreadable},
		"no key":                 {Bus: with(), Want: natsbus.ErrUnreadable},
		"a new key, and the old": {Bus: with(natsbus.WithKey(other, key))},
		"the old key, and a new": {Bus: with(natsbus.WithKey(key, other))},
	})
	session := flowtest.NewSession()
	plain := newBus(t, connect(t, s), natsbus.WithName("plain"))
	must(t, plain.Publish(bounded(t), flow.Message{Session: session, ID: "id"}))
	if _, _, err := newBus(t, connect(t, s), natsbus.WithName("plain"), natsbus.WithKey(key)).Subscribe(bounded(t), session); !errors.Is(err, natsbus.ErrUnreadable) {
		t.Errorf("a message stored without a key, read with one: %v, want ErrUnreadable", err)
	}
}

// TestSealedMessagesAreBoundToTheirSession: one that is copied to another
// session, or changed, is refused there.
func TestSealedMessagesAreBoundToTheirSession(t *testing.T) {
	t.Parallel()
	nc := connect(t, startServer(t))
	bus := newBus(t, nc, natsbus.WithKey(key))
	js, err := jetstream.New(nc)
	must(t, err)
	var sessions []flow.Session
	for n := range 4 {
		sessions = append(sessions, flow.Session{
			AccountSID: fmt.Sprintf("AC%032x", 1), CallSID: fmt.Sprintf("CA%032x", n), SID: fmt.Sprintf("PK%032x", n),
		})
	}
	must(t, bus.Publish(bounded(t), flow.Message{Session: sessions[0], ID: "id", Body: wire.Hide("Result=success")}))
	data := raw(t, nc)[0]
	changed := bytes.Clone(data)
	changed[len(changed)-1] ^= 1
	for n, forged := range map[int][]byte{1: data, 2: changed, 3: {}} {
		_, err := js.Publish(bounded(t), "twiliopay.events."+sessions[n].AccountSID+"."+sessions[n].CallSID+"."+sessions[n].SID, forged)
		must(t, err)
		if _, _, err := bus.Subscribe(bounded(t), sessions[n]); !errors.Is(err, natsbus.ErrUnreadable) {
			t.Errorf("forgery %d: %v, want ErrUnreadable", n, err)
		}
	}
	past, live, err := bus.Subscribe(bounded(t), sessions[0])
	must(t, err)
	must(t, live.Close())
	if len(past) != 1 || past[0].Body.Reveal() != "Result=success" {
		t.Errorf("the original is %v", past)
	}
	_, err = bus.Swap(bounded(t), sessions[0], []byte("record"), 0)
	must(t, err)
	claims, err := js.KeyValue(bounded(t), "twiliopay-claims")
	must(t, err)
	name := func(s flow.Session) string { return s.AccountSID + "." + s.CallSID + "." + s.SID }
	entry, err := claims.Get(context.Background(), name(sessions[0]))
	must(t, err)
	_, err = claims.Put(bounded(t), name(sessions[1]), entry.Value())
	must(t, err)
	if _, _, err := bus.Load(bounded(t), sessions[1]); !errors.Is(err, natsbus.ErrUnreadable) {
		t.Errorf("a copied record: %v, want ErrUnreadable", err)
	}
}

// TestSealedDataIsBoundToItsStream: data sealed for one stream or bucket is
// refused in another, even with the same session and key; so is data of an
// older version, which did not bind it.
func TestSealedDataIsBoundToItsStream(t *testing.T) {
	t.Parallel()
	nc := connect(t, startServer(t))
	js, err := jetstream.New(nc)
	must(t, err)
	s := numbered(1)
	here, there := newBus(t, nc, natsbus.WithKey(key)), newBus(t, nc, natsbus.WithKey(key), natsbus.WithName("other"))
	publish(t, here, s, "id")
	_, err = here.Swap(bounded(t), s, []byte("record"), 0)
	must(t, err)
	stored := raw(t, nc)
	event, record := stored[0], stored[1]
	unbound := append([]byte{1}, event[1:]...)
	put := func(bucket string, data []byte) {
		claims, err := js.KeyValue(bounded(t), bucket)
		must(t, err)
		_, err = claims.Put(bounded(t), recordKey(s), data)
		must(t, err)
	}
	for name, forge := range map[string]struct {
		bus    flow.Bus
		bucket string
		data   []byte
	}{
		"a record of another bucket":   {there, "other-claims", record},
		"an event as a record":         {here, "twiliopay-claims", event},
		"a record of an older version": {here, "twiliopay-claims", append([]byte{1}, record[1:]...)},
		"a truncated record":           {here, "twiliopay-claims", record[:3]},
		"a record of a newer version":  {here, "twiliopay-claims", append([]byte{3}, record[1:]...)},
	} {
		put(forge.bucket, forge.data)
		_, _, err := forge.bus.Load(bounded(t), s)
		if !errors.Is(err, natsbus.ErrUnreadable) || strings.Contains(err.Error(), "older version") != (forge.data[0] == 1) {
			t.Errorf("%s: %v, want ErrUnreadable", name, err)
		}
	}
	_, err = js.Publish(bounded(t), strings.Replace(subjectOf(s), "twiliopay", "other", 1), event)
	must(t, err)
	if _, _, err := there.Subscribe(bounded(t), s); !errors.Is(err, natsbus.ErrUnreadable) {
		t.Errorf("an event of another stream: %v, want ErrUnreadable", err)
	}
	_, err = js.Publish(bounded(t), subjectOf(s), unbound)
	must(t, err)
	if _, _, err := here.Subscribe(bounded(t), s); !errors.Is(err, natsbus.ErrUnreadable) || !strings.Contains(err.Error(), "older version") {
		t.Errorf("an event of an older version: %v, want ErrUnreadable", err)
	}
}
