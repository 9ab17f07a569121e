package natsbus_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
)

// listed returns all listed records, page by page.
func listed(t *testing.T, bus flow.Bus, limit int) map[flow.Session]flow.ListedRecord {
	t.Helper()
	all := make(map[flow.Session]flow.ListedRecord)
	for q := (flow.ListQuery{Limit: limit}); ; {
		page, err := bus.List(bounded(t), q)
		must(t, err)
		for _, r := range page.Records {
			all[r.Session] = r
		}
		if q.After = page.Next; q.After == "" {
			return all
		}
	}
}

// TestManyRecordsAreListed: more than one page, with sessions that are over and
// records that an operator deleted, with and without direct reads.
func TestManyRecordsAreListed(t *testing.T) {
	t.Parallel()
	for name, allow := range map[string]bool{"direct reads": true, "no direct reads": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nc := connect(t, startServer(t))
			bus := newBus(t, nc, natsbus.WithKey(key), natsbus.WithMemoryStorage())
			js, err := jetstream.New(nc)
			must(t, err)
			stream, err := js.Stream(bounded(t), eventStream)
			must(t, err)
			config := stream.CachedInfo().Config
			config.AllowDirect = allow
			_, err = js.UpdateStream(bounded(t), config)
			must(t, err)
			const sessions = 250
			want := make(map[flow.Session]bool)
			for n := range sessions {
				s := numbered(n)
				_, err := bus.Swap(bounded(t), s, []byte("record"), 0)
				must(t, err)
				if n%2 == 0 {
					must(t, bus.Publish(bounded(t), flow.Message{Session: s, ID: "only"}))
				}
				if n%3 == 0 {
					must(t, bus.Publish(bounded(t), flow.Message{Session: s, ID: "last", Final: true}))
				}
				want[s] = n%3 != 0
			}
			bucket, err := js.KeyValue(bounded(t), "twiliopay-claims")
			must(t, err)
			must(t, bucket.Delete(bounded(t), recordKey(numbered(1))))
			want[numbered(1)] = false
			_, err = bucket.Put(bounded(t), "of.somebody.else", []byte("value"))
			must(t, err)
			for _, limit := range []int{100, flow.MaxListLimit} {
				got := listed(t, bus, limit)
				for s, open := range want {
					if r, found := got[s]; found != open || open && (string(r.Value) != "record" || r.Err != nil) {
						t.Fatalf("limit %d: %s: listed %t, want %t; record %q, %v", limit, s.SID, found, open, r.Value, r.Err)
					}
					delete(got, s)
				}
				if len(got) > 0 {
					t.Errorf("limit %d: also listed: %+v", limit, got)
				}
			}
		})
	}
}

// TestARecordThatCannotBeReadIsListed with the reason, and does not hide
// others.
func TestARecordThatCannotBeReadIsListed(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	bus := newBus(t, connect(t, s), natsbus.WithKey(key))
	other := newBus(t, connect(t, s), natsbus.WithKey(bytes.Repeat([]byte{8}, 32)))
	for n, by := range []flow.Bus{bus, other, bus} {
		_, err := by.Swap(bounded(t), numbered(n), []byte("record"), 0)
		must(t, err)
	}
	got := listed(t, bus, 10)
	for n, readable := range []bool{true, false, true} {
		r := got[numbered(n)]
		if r.Revision == 0 || (r.Err == nil) != readable || !readable && (!errors.Is(r.Err, natsbus.ErrUnreadable) || r.Value != nil) {
			t.Errorf("session %d: %q, revision %d, %v", n, r.Value, r.Revision, r.Err)
		}
	}
}
