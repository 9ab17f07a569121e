package bustest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// listed: the sessions that have a record, and no others, by account and in
// total, in pages of any size.
func listed(b *bench) {
	account := sid("AC")
	began := time.Now()
	var all []flow.Session
	for range 7 {
		s := b.recorded(account)
		all = append(all, s)
	}
	noRecord := newSession()
	noRecord.AccountSID = account
	b.publish(b.here, messages(noRecord, 2)...)
	other := b.recorded(sid("AC"))

	for _, limit := range []int{1, 2, 3, 7, 8, flow.MaxListLimit} {
		got := b.list(b.there, flow.ListQuery{AccountSID: account, Limit: limit}, nil)
		b.wantListed(got, all...)
	}
	b.wantListed(b.list(b.here, flow.ListQuery{AccountSID: other.AccountSID, Limit: 10}, nil), other)
	b.wantListed(b.list(b.here, flow.ListQuery{AccountSID: sid("AC"), Limit: 10}, nil))
	everything := b.list(b.there, flow.ListQuery{Limit: flow.MaxListLimit}, nil)
	for _, s := range append(all, other) {
		if !slices.ContainsFunc(everything, func(r flow.ListedRecord) bool { return r.Session == s }) {
			b.Errorf("the list of all accounts lacks %+v", s)
		}
	}

	// A listed record is the latest one, whichever machine wrote it, and
	// belongs to the caller.
	revision, err := b.here.Swap(b.context(), all[0], []byte("again"), b.revision(all[0]))
	b.must(err)
	for {
		r := b.find(b.list(b.there, flow.ListQuery{AccountSID: account, Limit: 3}, nil), all[0])
		if off := r.Changed.Sub(began); r.Err != nil || off < -time.Minute || off > time.Minute+time.Since(began) {
			b.Fatalf("changed %s after the test began, %v", off, r.Err)
		}
		if string(r.Value) == "again" && r.Revision == revision {
			copy(r.Value, "wrong")
			break
		}
		if b.Context().Err() != nil || time.Since(began) > patience {
			b.Fatalf("record %q, revision %d, want %q, %d", r.Value, r.Revision, "again", revision)
		}
	}
	b.record(b.here, all[0], "again", revision)
}

// listedOpen: a session is listed until its latest message is final, or it is
// forgotten.
func listedOpen(b *bench) {
	account := sid("AC")
	open, over := b.recorded(account), b.recorded(account)
	b.publish(b.here, messages(open, 2)...)
	final := messages(over, 3)
	final[2].Final = true
	b.publish(b.there, final...)
	want := []flow.Session{open}
	if b.forget != nil {
		forgotten := b.recorded(account)
		b.publish(b.here, messages(forgotten, 1)...)
		b.forget(b.T, b.here, forgotten)
	}
	for began := time.Now(); ; {
		got := b.list(b.here, flow.ListQuery{AccountSID: account, Limit: 10}, nil)
		if len(got) == len(want) || time.Since(began) > patience {
			b.wantListed(got, want...)
			return
		}
	}
}

// listedMeanwhile: a record that is written while pages are read is not
// skipped, nor are its neighbors, and the pages end.
func listedMeanwhile(b *bench) {
	account := sid("AC")
	var all []flow.Session
	for range 12 {
		all = append(all, b.recorded(account))
	}
	pages := 0
	got := b.list(b.there, flow.ListQuery{AccountSID: account, Limit: 2}, func() {
		if pages++; pages > 5 { // more writes would move the records forever
			return
		}
		for i := len(all) - 1; i >= 0; i -= pages {
			_, err := b.here.Swap(b.context(), all[i], []byte("moved"), b.revision(all[i]))
			b.must(err)
		}
	})
	for _, s := range all {
		b.find(got, s)
	}
}

// listedWrong: an invalid query is an error.
func listedWrong(b *bench) {
	account := b.recorded(sid("AC")).AccountSID
	for name, q := range map[string]flow.ListQuery{
		"no limit":       {AccountSID: account},
		"limit below 1":  {AccountSID: account, Limit: -1},
		"too many":       {AccountSID: account, Limit: flow.MaxListLimit + 1},
		"wrong account":  {AccountSID: "AC*", Limit: 1},
		"wrong cursor":   {AccountSID: account, Limit: 1, After: "'; --"},
		"no such cursor": {AccountSID: account, Limit: 1, After: "-1"},
	} {
		page, err := b.here.List(b.context(), q)
		if _, ok := errors.AsType[*payments.ValidationError](err); !ok || len(page.Records) > 0 {
			b.Errorf("%s: %d records and error %v, want a *payments.ValidationError", name, len(page.Records), err)
		}
	}
	ctx, cancel := context.WithCancel(b.Context())
	cancel()
	if _, err := b.here.List(ctx, flow.ListQuery{AccountSID: account, Limit: 1}); !errors.Is(err, context.Canceled) {
		b.Errorf("with an ended context: %v, want context.Canceled", err)
	}
}

// recorded returns a new session with a record.
func (b *bench) recorded(account string) flow.Session {
	b.Helper()
	s := newSession()
	s.AccountSID = account
	_, err := b.here.Swap(b.context(), s, []byte("record"), 0)
	b.must(err)
	return s
}

func (b *bench) revision(s flow.Session) uint64 {
	b.Helper()
	_, revision, err := b.here.Load(b.context(), s)
	b.must(err)
	return revision
}

// list returns the records of all pages, and calls between after each page.
func (b *bench) list(bus flow.Bus, q flow.ListQuery, between func()) (all []flow.ListedRecord) {
	b.Helper()
	for {
		page, err := bus.List(b.context(), q)
		b.must(err)
		if len(page.Records) > q.Limit {
			b.Fatalf("a page of %d records, the limit is %d", len(page.Records), q.Limit)
		}
		all = append(all, page.Records...)
		if between != nil {
			between()
		}
		if q.After = page.Next; q.After == "" {
			return all
		}
	}
}

// wantListed checks which sessions are listed, each once, in any order.
func (b *bench) wantListed(got []flow.ListedRecord, want ...flow.Session) {
	b.Helper()
	for _, s := range want {
		if r := b.find(got, s); len(r.Value) == 0 || r.Revision == 0 {
			b.Errorf("record %q, revision %d", r.Value, r.Revision)
		}
	}
	if len(got) != len(want) {
		b.Fatalf("%d sessions are listed, want %d", len(got), len(want))
	}
}

func (b *bench) find(got []flow.ListedRecord, s flow.Session) flow.ListedRecord {
	b.Helper()
	i := slices.IndexFunc(got, func(r flow.ListedRecord) bool { return r.Session == s })
	if i < 0 {
		b.Fatalf("none of the %d listed sessions is %+v", len(got), s)
	}
	return got[i]
}
