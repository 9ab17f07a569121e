package callback_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// TestManyDeliveriesAtOnce: 10,000 concurrent deliveries of 2,500 events; some are
// forged, and the first call for some events fails. Every event is handled once,
// none is acknowledged unless it was handled, and no forgery is accepted. The
// bubble's clock does not advance meanwhile, so no delivery is late on a busy
// machine.
//
// It does not run in parallel with other tests, which it would starve.
func TestManyDeliveriesAtOnce(t *testing.T) { synctest.Test(t, manyAtOnce) }

func manyAtOnce(t *testing.T) {
	const events, copies = 2500, 4
	var failedOnce, handled [events]atomic.Int32
	var acknowledged [events]atomic.Int32
	h := newHandler(t, func(_ context.Context, e callback.Event) error {
		i := 0
		if _, err := fmt.Sscan(e.Extra().Get("Number"), &i); err != nil {
			t.Errorf("event %v, error %v", e, err)
		}
		if i%10 == 0 && failedOnce[i].Add(1) == 1 {
			return errors.New("not now")
		}
		handled[i].Add(1)
		return nil
	})
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range events {
		for copied := range copies {
			all.Go(func() {
				<-start
				number := fmt.Sprint(i)
				if copied == 0 && i%7 == 0 {
					r := withKey(signed(charged("Number", number)), number)
					r.Header.Set("X-Twilio-Signature", callback.Sign("forged", statusURL, charged("Number", number)))
					if w := serve(h, r); w.Code != 403 {
						t.Errorf("status %d for a forgery, want 403", w.Code)
					}
					return
				}
				for tries := 0; ; tries++ { // like Twilio, until it is acknowledged
					w := serve(h, withKey(signed(charged("Number", number)), number))
					if w.Code == 204 {
						break
					}
					if w.Code != 500 && w.Code != 503 || tries == 1000 {
						t.Errorf("status %d after %d tries", w.Code, tries)
						return
					}
					time.Sleep(time.Millisecond)
				}
				acknowledged[i].Add(1)
				if handled[i].Load() != 1 {
					t.Errorf("event %d was acknowledged and handled %d times, want 1", i, handled[i].Load())
				}
			})
		}
	}
	close(start)
	all.Wait()
	for i := range events {
		want := int32(copies)
		if i%7 == 0 {
			want--
		}
		if handled[i].Load() != 1 || acknowledged[i].Load() != want {
			t.Errorf("event %d was handled %d (want 1) times and acknowledged %d times, want %d", i, handled[i].Load(), acknowledged[i].Load(), want)
		}
	}
}
