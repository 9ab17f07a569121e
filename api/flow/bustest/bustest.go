// Package bustest tests an implementation of flow.Bus against its contract. Run
// the tests for each bus you write:
//
//	func TestBus(t *testing.T) {
//		bustest.Run(t, func(t *testing.T) (here, there flow.Bus) { … })
//	}
package bustest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// Option adds tests to [Run].
type Option func(*bench)

// WithForgetting also tests a session that the bus forgets. The function makes
// the bus forget one, as when its expiry is over. Subscriptions must notice
// within 30 s.
func WithForgetting(forget func(t *testing.T, here flow.Bus, s flow.Session)) Option {
	return func(b *bench) { b.forget = forget }
}

// WithClosing also tests a closed bus. The function permanently closes a bus
// that newBus returned.
func WithClosing(stop func(t *testing.T, bus flow.Bus)) Option {
	return func(b *bench) { b.stop = stop }
}

// Run tests a bus. The function newBus returns what two machines have that
// share one: two connections to the same servers, or the same value twice for a
// bus of one process. It is called for every test. The bus may hold sessions
// from before, because every test uses SIDs of its own.
func Run(t *testing.T, newBus func(t *testing.T) (here, there flow.Bus), opts ...Option) {
	for name, test := range map[string]func(*bench){
		"from the first message, in order":            fromTheFirst,
		"past and live are one sequence":              pastAndLive,
		"the same delivery is one message":            duplicates,
		"sessions are separate":                       apart,
		"a call has all its sessions":                 wholeCall,
		"a message arrives as it was sent":            whole,
		"waiting and slow subscribers block no one":   slow,
		"Next ends with its context and with Close":   ending,
		"a record is written by compare-and-swap":     records,
		"one of many concurrent swaps wins":           contention,
		"an ended context ends everything":            contexts,
		"the end of its context ends a waiting Next":  contextOfNext,
		"all subscribers see the same order":          oneOrder,
		"SIDs are validated":                          names,
		"the same ID in two sessions is two messages": sameID,
		"a session is forgotten completely":           forgotten,
		"closing the bus ends everything":             closing,
		"sessions are listed by account, in pages":    listed,
		"a session that is over is not listed":        listedOpen,
		"a write between two pages skips nothing":     listedMeanwhile,
		"a wrong query is refused":                    listedWrong,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			here, there := newBus(t)
			b := &bench{T: t, here: here, there: there}
			for _, opt := range opts {
				opt(b)
			}
			test(b)
		})
	}
}

// patience is how long an expected event may take.
const patience = 30 * time.Second

// bench is two machines in a test.
type bench struct {
	*testing.T
	here, there flow.Bus
	forget      func(*testing.T, flow.Bus, flow.Session)
	stop        func(*testing.T, flow.Bus)
}

func (b *bench) context() context.Context {
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	b.Cleanup(cancel)
	return ctx
}

func (b *bench) publish(bus flow.Bus, messages ...flow.Message) {
	b.Helper()
	for _, m := range messages {
		b.must(bus.Publish(b.context(), m))
	}
}

func (b *bench) subscribe(bus flow.Bus, s flow.Session) ([]flow.Message, flow.Subscription) {
	b.Helper()
	past, live, err := bus.Subscribe(b.context(), s)
	b.must(err)
	b.Cleanup(func() { _ = live.Close() })
	return past, live
}

// read returns the next n messages.
func (b *bench) read(live flow.Subscription, n int) []flow.Message {
	b.Helper()
	var messages []flow.Message
	for range n {
		m, err := live.Next(b.context())
		if err != nil {
			b.Fatalf("after %d of %d messages: %v", len(messages), n, err)
		}
		messages = append(messages, m)
	}
	return messages
}

// nothing checks that no message arrives. It waits only for a moment: a bus
// that delivers too much usually does so at once.
func (b *bench) nothing(live flow.Subscription) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 50*time.Millisecond)
	defer cancel()
	if m, err := live.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		b.Errorf("got %v and error %v, want nothing", m, err)
	}
}

// want compares messages by session and ID.
func (b *bench) want(got []flow.Message, want ...flow.Message) {
	b.Helper()
	if len(got) != len(want) {
		b.Fatalf("got %d messages, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i].Session != want[i].Session || got[i].ID != want[i].ID {
			b.Fatalf("message %d is %v, want %v", i, got[i], want[i])
		}
	}
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// newSession returns a session with random SIDs.
func newSession() flow.Session {
	return flow.Session{AccountSID: sid("AC"), CallSID: sid("CA"), SID: sid("PK")}
}

func sid(prefix string) string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return prefix + hex.EncodeToString(b[:])
}

// messages returns n new messages of a session.
func messages(s flow.Session, n int) []flow.Message {
	var list []flow.Message
	for i := range n {
		list = append(list, flow.Message{Session: s, ID: rand.Text(), Step: i, Body: wire.Hide("Sid=" + s.SID)})
	}
	return list
}
