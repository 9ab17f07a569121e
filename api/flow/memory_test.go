package flow_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// sessionNo returns a session for a number.
func sessionNo(n int) flow.Session {
	return flow.Session{AccountSID: fmt.Sprintf("AC%032x", 1), CallSID: fmt.Sprintf("CA%032x", n), SID: fmt.Sprintf("PK%032x", n)}
}

func message(s flow.Session, id string, fields form) flow.Message {
	return flow.Message{Session: s, ID: id, Body: wire.Hide(formOf(s, fields).values().Encode()), Final: fields["Result"] != ""}
}

func TestMemoryOptions(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]flow.MemoryOption{
		"no sessions": flow.WithMaxSessions(0), "few events": flow.WithMaxEvents(7), "short expiry": flow.WithExpiry(time.Hour - 1), "nil": nil,
	} {
		if bus, err := flow.NewMemory(opt); err == nil || bus != nil || !strings.HasPrefix(err.Error(), "flow: ") {
			t.Errorf("%s: %v, want an error of flow", name, err)
		}
	}
}

// TestMemoryIsBoundedInSessions: sessions that are over make room, oldest
// first; open ones never do.
func TestMemoryIsBoundedInSessions(t *testing.T) {
	t.Parallel()
	ctx, bus := t.Context(), newMemory(t, flow.WithMaxSessions(3))
	for n := range 3 {
		must(t, bus.Publish(ctx, message(sessionNo(n), "started", nil)))
	}
	if err := bus.Publish(ctx, message(sessionNo(3), "started", nil)); !errors.Is(err, flow.ErrFull) {
		t.Errorf("a fourth open session: %v, want ErrFull", err)
	}
	if _, err := bus.Swap(ctx, sessionNo(3), []byte("record"), 0); !errors.Is(err, flow.ErrFull) {
		t.Errorf("the record of a fourth open session: %v, want ErrFull", err)
	}
	for _, n := range []int{1, 0} {
		must(t, bus.Publish(ctx, message(sessionNo(n), "over", form{"Result": "success"})))
	}
	must(t, bus.Publish(ctx, message(sessionNo(2), "more", nil))) // an open session always has room
	must(t, bus.Publish(ctx, message(sessionNo(3), "started", nil)))
	for n, want := range []int{2, 0, 2, 1} {
		if got := len(messagesOf(t, bus, sessionNo(n))); got != want {
			t.Errorf("session %d has %d messages, want %d", n, got, want)
		}
	}
	if bus.Sessions() != 3 {
		t.Errorf("%d sessions, want 3", bus.Sessions())
	}
}

// TestMemoryKeepsACallWithAPendingStart: a call whose sessions are over is not
// dropped while another is being started on it.
func TestMemoryKeepsACallWithAPendingStart(t *testing.T) {
	t.Parallel()
	ctx, bus := t.Context(), newMemory(t, flow.WithMaxSessions(1))
	must(t, bus.Publish(ctx, message(sessionNo(1), "over", form{"Result": "success"})))
	_, live, err := bus.Subscribe(ctx, flow.Session{CallSID: sessionNo(1).CallSID})
	must(t, err)
	if err := bus.Publish(ctx, message(sessionNo(2), "started", nil)); !errors.Is(err, flow.ErrFull) {
		t.Errorf("publish: %v, want ErrFull", err)
	}
	must(t, live.Close())
	must(t, bus.Publish(ctx, message(sessionNo(2), "started", nil)))
}

// TestMemoryIsBoundedInEvents: the oldest digits are dropped, and nothing else.
func TestMemoryIsBoundedInEvents(t *testing.T) {
	t.Parallel()
	ctx, bus, s := t.Context(), newMemory(t, flow.WithMaxEvents(8)), sessionNo(1)
	_, live, err := bus.Subscribe(ctx, s)
	must(t, err)
	must(t, bus.Publish(ctx, message(s, "started", nil)))
	for n := range 20 {
		must(t, bus.Publish(ctx, message(s, fmt.Sprint("digit ", n), form{"PartialResult": "true", "Capture": "payment-card-number"})))
	}
	var ids []string
	for _, m := range messagesOf(t, bus, s) {
		ids = append(ids, m.ID)
	}
	if got, want := strings.Join(ids, ","), "started,digit 13,digit 14,digit 15,digit 16,digit 17,digit 18,digit 19"; got != want {
		t.Errorf("kept %s, want %s", got, want)
	}
	for n := range 6 {
		must(t, bus.Publish(ctx, message(s, fmt.Sprint("entry ", n), form{"Capture": "payment-card-number"})))
	}
	must(t, bus.Publish(ctx, message(s, "digit newest", form{"PartialResult": "true", "Capture": "payment-card-number"})))
	must(t, bus.Publish(ctx, message(s, "over", form{"Result": "success"}))) // drops the newest digit, too
	if err := bus.Publish(ctx, message(s, "more", nil)); !errors.Is(err, flow.ErrFull) {
		t.Errorf("publish: %v, want ErrFull", err)
	}
	for range 8 { // the slow subscriber gets what is left
		m, err := live.Next(ctx)
		must(t, err)
		if strings.HasPrefix(m.ID, "digit") {
			t.Errorf("got %s", m.ID)
		}
	}
}

// TestMemoryHasRoomForTheEnd: whoever recorded deliveries can fill a session with
// other splits of their text. That must not keep out what became of the payment.
func TestMemoryHasRoomForTheEnd(t *testing.T) {
	t.Parallel()
	ctx, bus, s := t.Context(), newMemory(t, flow.WithMaxEvents(8)), sessionNo(1)
	publish := func(n int, name string, fields form) (err error) {
		for i := range n {
			m := message(s, fmt.Sprint(name, " ", i), fields)
			m.Final = fields["Result"] == "payment-connector-error"
			err = errors.Join(err, bus.Publish(ctx, m))
		}
		return err
	}
	must(t, publish(8, "refused", form{"Capture": "payment-card-number", "ErrorType": "input-timeout"}))
	must(t, publish(8, "hang-up", form{"Result": "caller-hung-up"}))
	must(t, publish(8, "declined", form{"Result": "payment-connector-error"}))
	must(t, publish(1, "charged", form{"Result": "success"}))
	if err := publish(1, "another", form{"Result": "payment-connector-error"}); !errors.Is(err, flow.ErrFull) {
		t.Errorf("another end: %v, want ErrFull", err)
	}
	must(t, bus.Publish(ctx, flow.Message{Session: s, ID: "charged 0"})) // a repeat
	kept := messagesOf(t, bus, s)
	if len(kept) != 8 || kept[0].ID != "declined 1" || kept[7].ID != "charged 0" {
		t.Errorf("kept %v", kept)
	}
}

func TestMemoryExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, bus := t.Context(), newMemory(t)
		for n := range 3 {
			must(t, bus.Publish(ctx, message(sessionNo(n), "started", nil)))
		}
		_, err := bus.Swap(ctx, sessionNo(1), []byte("record"), 0)
		must(t, err)
		_, live, err := bus.Subscribe(ctx, sessionNo(2))
		must(t, err)
		began, ended := time.Now(), make(chan error)
		go func() {
			_, err := live.Next(context.Background())
			ended <- err
		}()
		time.Sleep(23 * time.Hour)
		must(t, bus.Publish(ctx, message(sessionNo(0), "more", nil)))
		must(t, bus.Publish(ctx, message(sessionNo(1), "over", form{"Result": "success"})))
		if err := <-ended; !errors.Is(err, flow.ErrExpired) || time.Since(began) != 24*time.Hour {
			t.Errorf("a waiting subscriber after %s: %v, want ErrExpired after a day", time.Since(began), err)
		}
		if bus.Sessions() != 2 {
			t.Errorf("%d sessions after a day, want the two that were used", bus.Sessions())
		}
		time.Sleep(23 * time.Hour)
		synctest.Wait()
		if bus.Sessions() != 0 {
			t.Errorf("%d sessions in the end, want 0", bus.Sessions())
		}
		if value, revision, err := bus.Load(ctx, sessionNo(1)); value != nil || revision != 0 || err != nil {
			t.Errorf("the record of an expired session: %q, %d (want 0), %v", value, revision, err)
		}
		must(t, bus.Publish(ctx, message(sessionNo(1), "started", nil))) // starts anew
	})
}

func TestMemoryCloses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bus, err := flow.NewMemory()
		must(t, err)
		ctx := t.Context()
		must(t, bus.Publish(ctx, message(sessionNo(1), "started", nil)))
		_, live, err := bus.Subscribe(ctx, sessionNo(2))
		must(t, err)
		ended := make(chan error)
		go func() {
			_, err := live.Next(ctx)
			ended <- err
		}()
		synctest.Wait()
		must(t, bus.Close())
		must(t, bus.Close())
		_, _, subscribeErr := bus.Subscribe(ctx, sessionNo(1))
		_, _, loadErr := bus.Load(ctx, sessionNo(1))
		_, swapErr := bus.Swap(ctx, sessionNo(1), nil, 0)
		for name, err := range map[string]error{
			"Next": <-ended, "Publish": bus.Publish(ctx, message(sessionNo(1), "more", nil)),
			"Subscribe": subscribeErr, "Load": loadErr, "Swap": swapErr,
		} {
			if !errors.Is(err, flow.ErrClosed) {
				t.Errorf("%s: %v, want ErrClosed", name, err)
			}
		}
		must(t, live.Close())
		if bus.Sessions() != 0 {
			t.Errorf("%d sessions, want 0", bus.Sessions())
		}
	})
}

// TestMemoryForgetsStartsThatFailed: the bus keeps nothing of calls that only
// had subscribers. It does not run in parallel, because it looks at the whole
// heap.
func TestMemoryForgetsStartsThatFailed(t *testing.T) {
	bus := newMemory(t)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for n := range 50_000 {
		_, live, err := bus.Subscribe(t.Context(), flow.Session{CallSID: sessionNo(n).CallSID})
		must(t, err)
		must(t, live.Close())
	}
	if after := heap(); after > before+5<<20 {
		t.Errorf("the heap grew by %d bytes", after-before)
	}
	runtime.KeepAlive(bus)
}

// TestMemoryKeepsAccountsApart: however much one account stores, another
// account's sessions are neither refused nor dropped.
func TestMemoryKeepsAccountsApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, bus := t.Context(), newMemory(t, flow.WithMaxSessions(2), flow.WithMaxEvents(8))
		of := func(account string, n int) flow.Session {
			s := sessionNo(n)
			s.AccountSID = "AC" + strings.Repeat(account, 32)
			return s
		}
		over := of("b", 1)
		must(t, bus.Publish(ctx, message(over, "over", form{"Result": "success"})))
		for n := range 5 { // on the same calls, too
			err := bus.Publish(ctx, message(of("a", n), "started", nil))
			if full := n >= 2; errors.Is(err, flow.ErrFull) != full {
				t.Errorf("session %d of the first account: %v", n, err)
			}
			if _, err := bus.Swap(ctx, of("a", n), []byte("record"), 0); (n >= 2) != errors.Is(err, flow.ErrFull) {
				t.Errorf("record %d of the first account: %v", n, err)
			}
		}
		if len(messagesOf(t, bus, over)) != 1 {
			t.Error("a session of the second account has made room for the first")
		}
		for n := range 2 {
			must(t, bus.Publish(ctx, message(of("b", n), "another", nil)))
		}
		must(t, bus.Publish(ctx, message(of("c", 0), "started", nil)))
		time.Sleep(25 * time.Hour)
		synctest.Wait()
		if bus.Sessions() != 0 {
			t.Errorf("%d sessions in the end, want 0", bus.Sessions())
		}
	})
}

// TestMemoryKeepsSessionsApart: a digit makes room only for events of its own
// session, and a session that is over stays over whatever arrives late.
func TestMemoryKeepsSessionsApart(t *testing.T) {
	t.Parallel()
	ctx, bus := t.Context(), newMemory(t, flow.WithMaxSessions(2), flow.WithMaxEvents(8))
	first, second := sessionNo(1), sessionNo(1)
	second.SID = sessionNo(2).SID
	must(t, bus.Publish(ctx, message(first, "digit", form{"PartialResult": "true", "Capture": "payment-card-number"})))
	for n := range 8 {
		must(t, bus.Publish(ctx, message(second, fmt.Sprint("entry ", n), form{"Capture": "payment-card-number"})))
	}
	if err := bus.Publish(ctx, message(second, "more", nil)); !errors.Is(err, flow.ErrFull) {
		t.Errorf("a full session: %v, want ErrFull", err)
	}
	if len(messagesOf(t, bus, first)) != 1 {
		t.Error("a full session has dropped another's digit")
	}
	for _, s := range []flow.Session{first, second} {
		bus := newMemory(t, flow.WithMaxSessions(1))
		must(t, bus.Publish(ctx, message(s, "over", form{"Result": "success"})))
		must(t, bus.Publish(ctx, message(s, "late", form{"Capture": "payment-card-number"})))
		if err := bus.Publish(ctx, message(sessionNo(3), "started", nil)); err != nil {
			t.Errorf("a late update has reopened a session: %v", err)
		}
	}
}

// TestMemoryForgetsASessionWithOnlySubscribers: subscribing is not activity.
func TestMemoryForgetsASessionWithOnlySubscribers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDeskOn(t, newMemory(t, flow.WithExpiry(2*time.Hour)))
		f := d.start(noPostalCode)
		synctest.Wait()
		began := time.Now()
		for time.Since(began) < 119*time.Minute {
			must(t, d.resume(f).Close())
			time.Sleep(time.Minute)
		}
		time.Sleep(2 * time.Minute)
		if _, err := f.Capture(t.Context(), payments.CapturePaymentCardNumber); !errors.Is(err, flow.ErrExpired) {
			t.Errorf("capture: %v, want ErrExpired", err)
		}
	})
}
