package load

import (
	"context"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
)

// returnTime is how long all sessions have to complete once the bus is back.
const returnTime = 60 * time.Second

// BenchReturn opens sessions on one machine and completes all of them at once
// just after the bus has failed. The function breaks the bus, calls broken, and
// returns when the bus is back. BenchReturn reports how many sessions were
// open, how many of them completed within a minute after that, and how long the
// last one took. Failed steps are repeated, as an agent would; failed
// deliveries are retried.
func BenchReturn(b *testing.B, bus flow.Bus, sessions int, breakBus func(broken func())) {
	b.Helper()
	tw := newTwilio(b, []flow.Bus{bus}, 0)
	tw.patient = true
	flows := make([]*flow.Flow, sessions)
	var opened atomic.Int64
	var opening sync.WaitGroup
	work := make(chan int)
	for range 64 {
		opening.Go(func() {
			for n := range work {
				ctx, cancel := context.WithTimeout(context.Background(), returnTime)
				f, err := tryOpen(ctx, tw, bus)
				if err == nil {
					if _, err = f.Capture(ctx, payments.CapturePaymentCardNumber); err == nil {
						opened.Add(1)
					}
					flows[n] = f
				}
				cancel()
			}
		})
	}
	began := time.Now()
	for n := range sessions {
		work <- n
	}
	close(work)
	opening.Wait()
	b.ReportMetric(time.Since(began).Seconds(), "s-to-open")
	b.ReportMetric(float64(opened.Load()), "opened")

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var paid atomic.Int64
	var last atomic.Int64
	var paying sync.WaitGroup
	breakBus(func() {
		for _, f := range flows {
			if f == nil {
				continue
			}
			paying.Go(func() {
				for ctx.Err() == nil {
					if _, err := f.Complete(ctx); err == nil {
						paid.Add(1)
						last.Store(time.Now().UnixNano())
						return
					}
					select {
					case <-time.After(500 * time.Millisecond):
					case <-ctx.Done():
					}
				}
			})
		}
	})
	back := time.Now()
	timer := time.AfterFunc(returnTime, cancel)
	paying.Wait()
	timer.Stop()
	tw.posting.Wait()
	b.ReportMetric(float64(paid.Load()), "paid")
	b.ReportMetric(max(0, time.Duration(last.Load()-back.UnixNano()).Seconds()), "s-to-last")
	for _, f := range flows {
		if f != nil {
			_ = f.Close()
		}
	}
}

func tryOpen(ctx context.Context, tw *twilio, bus flow.Bus) (*flow.Flow, error) {
	return flow.Start(ctx, tw, bus, flowtest.NewSID("CA"), payments.CreateParams{StatusCallback: "https://pay.example.com/status"})
}

// succeeded is the form that ends a session with a charge.
func succeeded(callSID, sid string) url.Values {
	return url.Values{
		"AccountSid": {paymentstest.DefaultAccountSID}, "CallSid": {callSID}, "Sid": {sid}, "PaymentConnector": {"Default"},
		"PaymentMethod": {"credit-card"}, "ChargeAmount": {"49.90"}, "DateUpdated": {"2026-01-01T12:00:01.000Z"},
		"Result": {"success"}, "PaymentConfirmationCode": {"ch_" + sid},
	}
}
