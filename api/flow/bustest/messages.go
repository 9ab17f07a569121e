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

func fromTheFirst(b *bench) {
	s := newSession()
	past, live := b.subscribe(b.here, s) // before anything is published
	b.want(past)
	sent := messages(s, 20)
	b.publish(b.there, sent[:10]...)
	b.publish(b.here, sent[10:]...)
	b.want(b.read(live, 20), sent...)
	b.nothing(live)

	past, live = b.subscribe(b.there, s)
	b.want(slices.Concat(past, b.read(live, 20-len(past))), sent...)
	b.nothing(live)
}

func pastAndLive(b *bench) {
	s := newSession()
	sent := messages(s, 100)
	b.publish(b.here, sent[0])
	var publishing sync.WaitGroup
	publishing.Go(func() { b.publish(b.there, sent[1:]...) })
	for range 5 { // while messages are being published
		past, live := b.subscribe(b.here, s)
		b.want(slices.Concat(past, b.read(live, len(sent)-len(past))), sent...)
	}
	publishing.Wait()
}

func duplicates(b *bench) {
	s, other := newSession(), newSession()
	first, second := messages(s, 1)[0], messages(s, 1)[0]
	elsewhere := first
	elsewhere.Session = other
	b.publish(b.here, first)
	b.publish(b.there, first)
	b.publish(b.here, elsewhere, second)
	b.publish(b.there, first, second)
	past, live := b.subscribe(b.there, s)
	b.want(slices.Concat(past, b.read(live, 2-len(past))), first, second)
	b.nothing(live)
	past, live = b.subscribe(b.here, other)
	b.want(slices.Concat(past, b.read(live, 1-len(past))), elsewhere)
}

func apart(b *bench) {
	s := newSession()
	for _, other := range []flow.Session{
		{AccountSID: sid("AC"), CallSID: s.CallSID, SID: s.SID},
		{AccountSID: s.AccountSID, CallSID: sid("CA"), SID: s.SID},
		{AccountSID: s.AccountSID, CallSID: s.CallSID, SID: sid("PK")},
	} {
		b.publish(b.here, messages(other, 2)...)
		if _, err := b.here.Swap(b.context(), other, []byte("other"), 0); err != nil {
			b.Fatal(err)
		}
	}
	past, live := b.subscribe(b.there, s)
	b.want(past)
	b.nothing(live)
	if value, revision, err := b.there.Load(b.context(), s); value != nil || revision != 0 || err != nil {
		b.Errorf("record %q, revision %d, %v, want none", value, revision, err)
	}
}

func wholeCall(b *bench) {
	first := newSession()
	second, elsewhere := newSession(), newSession()
	second.CallSID = first.CallSID
	call := flow.Session{CallSID: first.CallSID}
	sent := []flow.Message{messages(first, 1)[0], messages(second, 1)[0], messages(first, 1)[0]}
	b.publish(b.here, sent[0], messages(elsewhere, 1)[0], sent[1])
	past, live := b.subscribe(b.there, call)
	b.publish(b.here, messages(elsewhere, 1)[0], sent[2])
	b.want(slices.Concat(past, b.read(live, 3-len(past))), sent...)
	b.nothing(live)
}

func whole(b *bench) {
	s := newSession()
	sent := []flow.Message{
		{
			Session: s, ID: "a delivery", Flow: "0123456789abcdef0123456789abcdef", Step: 7, Final: true,
			Body: wire.Hide("PaymentCardNumber=xxxxxxxxxxxx1111&PaymentError=%C3%A9t%C3%A9+%26+%22so%22&Sid=" + s.SID),
		},
		{Session: s, ID: "a note", Note: flow.NoteCancelled, Final: true},
	}
	b.publish(b.here, sent...)
	past, live := b.subscribe(b.there, s)
	for i, m := range slices.Concat(past, b.read(live, 2-len(past))) {
		if !m.Equal(sent[i]) {
			b.Errorf("message %d: got %s, want %s", i, m.Encode(), sent[i].Encode())
		}
	}
}

func slow(b *bench) {
	s := newSession()
	_, never := b.subscribe(b.here, s)
	_, late := b.subscribe(b.there, s)
	_, live := b.subscribe(b.here, s)
	sent := messages(s, 300)
	b.publish(b.there, sent...)
	b.want(b.read(live, len(sent)), sent...)
	b.want(b.read(late, len(sent)), sent...)
	b.must(never.Close())
}

func ending(b *bench) {
	_, live := b.subscribe(b.here, newSession())
	b.nothing(live) // it ends with its context's error
	ended := make(chan error, 1)
	go func() {
		_, err := live.Next(context.Background())
		ended <- err
	}()
	b.must(live.Close())
	select {
	case err := <-ended:
		if !errors.Is(err, flow.ErrClosed) {
			b.Errorf("a waiting Next ended with %v, want ErrClosed", err)
		}
	case <-time.After(patience):
		b.Fatal("Close did not end a waiting Next")
	}
	if _, err := live.Next(b.context()); !errors.Is(err, flow.ErrClosed) {
		b.Errorf("Next after Close: %v, want ErrClosed", err)
	}
	b.must(live.Close()) // a second time has no effect
}
