package natsbus_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// TestTheServerIsDownWhileTwilioDelivers: callbacks are answered 5xx, delivered
// again when the server is back, and the step that waited all the time returns.
func TestTheServerIsDownWhileTwilioDelivers(t *testing.T) {
	t.Parallel()
	opts := &server.Options{
		ServerName: "single", Host: "127.0.0.1", Port: freePorts(t, 1)[0],
		JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true,
	}
	s := run(t, opts)
	bus := newBus(t, connect(t, s), natsbus.WithKey(key), natsbus.WithHeartbeat(500*time.Millisecond))
	d := newDesk(t, bus, callback.WithHandlingTimeout(time.Second))
	f := d.start(bus, noPostalCode)
	d.capture(f, payments.CapturePaymentCardNumber)

	d.call.AnswerWith(nil)
	waiting := make(chan error, 1)
	go func() {
		_, err := f.Capture(bounded(t), payments.CaptureExpirationDate)
		waiting <- err
	}()
	must(t, d.call.Await(bounded(t), payments.CaptureExpirationDate))
	must(t, d.srv.Wait(bounded(t)))
	stop(s)
	must(t, d.call.Enter("1299"))
	waitFor(t, func() bool {
		callbacks := d.srv.Callbacks()
		for _, c := range callbacks[len(callbacks)-5:] {
			if len(c.Attempts) > 0 && c.Attempts[0].Status == http.StatusInternalServerError {
				return true
			}
		}
		return false
	})
	again := *opts
	run(t, &again)
	must(t, <-waiting)
	d.call.AnswerWith(nil)
	must(t, d.srv.Wait(bounded(t)))
	for _, c := range d.srv.Callbacks() {
		if !c.Delivered() {
			t.Errorf("callback %d was never taken: %+v", c.Number, c.Attempts)
		}
	}
}

// TestAMessageThatIsTooLarge is refused at once, and not tried again.
func TestAMessageThatIsTooLarge(t *testing.T) {
	t.Parallel()
	bus := newBus(t, connect(t, startServer(t)))
	began := time.Now()
	err := bus.Publish(bounded(t), flow.Message{Session: numbered(1), ID: "id", Body: wire.Hide("PaymentError=" + strings.Repeat("x", 2<<20))})
	if !errors.Is(err, nats.ErrMaxPayload) || time.Since(began) > 5*time.Second {
		t.Errorf("publish: %v after %s, want ErrMaxPayload at once", err, time.Since(began))
	}
}
