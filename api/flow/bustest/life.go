package bustest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// forgotten: the bus forgets messages and record together, notifies the
// session's subscribers, and keeps other sessions. The session then starts
// anew.
func forgotten(b *bench) {
	if b.forget == nil {
		b.Skip("not tested: WithForgetting was not given")
	}
	s, other := newSession(), newSession()
	var revisions []uint64
	for _, s := range []flow.Session{s, other} {
		b.publish(b.here, messages(s, 3)...)
		revision, err := b.here.Swap(b.context(), s, []byte("record"), 0)
		b.must(err)
		revisions = append(revisions, revision)
	}
	_, ofSession := b.subscribe(b.there, s)
	_, ofCall := b.subscribe(b.there, flow.Session{CallSID: s.CallSID})
	_, ofOther := b.subscribe(b.there, other)

	b.forget(b.T, b.here, s)
	for name, live := range map[string]flow.Subscription{"session": ofSession, "call": ofCall} {
		if m, err := live.Next(b.context()); !errors.Is(err, flow.ErrExpired) {
			b.Errorf("the subscription to the %s: %v, %v, want ErrExpired", name, m, err)
		}
	}
	if value, revision, err := b.there.Load(b.context(), s); value != nil || revision != 0 || err != nil {
		b.Errorf("record %q, revision %d, %v, want none", value, revision, err)
	}
	b.conflict(b.there, s, revisions[0])
	past, _ := b.subscribe(b.there, s)
	b.want(past)

	b.nothing(ofOther)
	b.record(b.there, other, "record", revisions[1])
	past, _ = b.subscribe(b.there, other)
	if len(past) != 3 {
		b.Errorf("another session has %d messages, want 3", len(past))
	}
	if _, err := b.here.Swap(b.context(), s, []byte("anew"), 0); err != nil {
		b.Errorf("a new record: %v", err)
	}
}

// closing: waiting calls end, and later ones have no effect.
func closing(b *bench) {
	if b.stop == nil {
		b.Skip("not tested: WithClosing was not given")
	}
	s := newSession()
	_, live := b.subscribe(b.here, s)
	ended := make(chan error, 1)
	go func() {
		_, err := live.Next(context.Background())
		ended <- err
	}()
	b.stop(b.T, b.here)
	select {
	case err := <-ended:
		if !errors.Is(err, flow.ErrClosed) {
			b.Errorf("a waiting Next ended with %v, want ErrClosed", err)
		}
	case <-time.After(patience):
		b.Fatal("a waiting Next did not end")
	}
	if err := b.here.Publish(b.context(), messages(s, 1)[0]); err == nil {
		b.Error("a closed bus accepted a message")
	}
	if _, err := b.here.Swap(b.context(), s, []byte("record"), 0); err == nil {
		b.Error("a closed bus accepted a record")
	}
	if _, err := b.here.List(b.context(), flow.ListQuery{Limit: 1}); err == nil {
		b.Error("a closed bus lists sessions")
	}
}

// contextOfNext: the end of its context soon ends a waiting Next.
func contextOfNext(b *bench) {
	_, live := b.subscribe(b.here, newSession())
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := live.Next(ctx)
		ended <- err
	}()
	time.Sleep(10 * time.Millisecond)
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			b.Errorf("Next: %v, want context.Canceled", err)
		}
	case <-time.After(patience):
		b.Fatal("the context's end did not end a waiting Next")
	}
}

// oneOrder publishes from two machines at once: all subscribers, earlier and
// later ones, see the same order.
func oneOrder(b *bench) {
	const each = 50
	s := newSession()
	_, before := b.subscribe(b.here, s)
	_, elsewhere := b.subscribe(b.there, flow.Session{CallSID: s.CallSID})
	var publishing sync.WaitGroup
	for _, bus := range []flow.Bus{b.here, b.there} {
		publishing.Go(func() { b.publish(bus, messages(s, each)...) })
	}
	publishing.Wait()
	want := b.read(before, 2*each)
	b.want(b.read(elsewhere, 2*each), want...)
	past, live := b.subscribe(b.there, s)
	b.want(slices.Concat(past, b.read(live, 2*each-len(past))), want...)
}

// names: SIDs become parts of keys and subjects, so malformed ones must be
// refused. Only Subscribe accepts a session without account or SID.
func names(b *bench) {
	good := newSession()
	for _, wrong := range []flow.Session{
		{AccountSID: good.AccountSID, SID: good.SID},
		{AccountSID: good.AccountSID, CallSID: "CA*", SID: good.SID},
		{AccountSID: ">", CallSID: good.CallSID, SID: good.SID},
		{AccountSID: good.AccountSID, CallSID: good.CallSID, SID: "PK.1"},
	} {
		if _, _, err := b.here.Subscribe(b.context(), wrong); err == nil {
			b.Errorf("Subscribe to %+v: no error", wrong)
		}
		b.refused(wrong)
	}
	b.refused(flow.Session{CallSID: good.CallSID})
}

func (b *bench) refused(s flow.Session) {
	b.Helper()
	if err := b.here.Publish(b.context(), messages(s, 1)[0]); err == nil {
		b.Errorf("Publish to %+v: no error", s)
	}
	if _, err := b.here.Swap(b.context(), s, []byte("record"), 0); err == nil {
		b.Errorf("Swap of %+v: no error", s)
	}
	if _, _, err := b.here.Load(b.context(), s); err == nil {
		b.Errorf("Load of %+v: no error", s)
	}
}

// sameID: an ID identifies a delivery only within a session.
func sameID(b *bench) {
	first := newSession()
	second, account := first, first
	second.SID, account.AccountSID = sid("PK"), sid("AC")
	var sent []flow.Message
	for _, s := range []flow.Session{first, second, account} {
		sent = append(sent, flow.Message{Session: s, ID: "the same", Body: wire.Hide("Sid=" + s.SID)})
	}
	b.publish(b.here, sent...)
	b.publish(b.there, sent...)
	past, live := b.subscribe(b.there, flow.Session{CallSID: first.CallSID})
	b.want(slices.Concat(past, b.read(live, len(sent)-len(past))), sent...)
	b.nothing(live)
}
