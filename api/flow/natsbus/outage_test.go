package natsbus_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

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

// slowStream is a stream whose first acknowledgement is late: the message is
// stored, and the publisher's further tries are refused for a while.
type slowStream struct {
	jetstream.JetStream
	tries   atomic.Int64
	refusal *jetstream.APIError
}

func (s *slowStream) PublishMsg(ctx context.Context, m *nats.Msg, opts ...jetstream.PublishOpt) (*jetstream.PubAck, error) {
	switch s.tries.Add(1) {
	case 1:
		if _, err := s.JetStream.PublishMsg(ctx, m, opts...); err != nil {
			return nil, err
		}
		return nil, nats.ErrTimeout
	case 2, 3:
		return nil, s.refusal
	}
	return s.JetStream.PublishMsg(ctx, m, opts...)
}

// A message that the servers are still storing when the publisher tries again is
// published, once: an error would have Twilio told that its callback was lost.
func TestAMessageThatIsStillBeingStored(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for name, refusal := range map[string]*jetstream.APIError{
		"the same message is in process": {Code: 409, ErrorCode: 10158, Description: "duplicate message id is in process"},
		"the server has too many":        {Code: 429, ErrorCode: 10167, Description: "too many requests"},
	} {
		t.Run(name, func(t *testing.T) {
			js, err := jetstream.New(connect(t, s))
			must(t, err)
			slow := &slowStream{JetStream: js, refusal: refusal}
			bus, err := natsbus.NewWithJetStream(bounded(t), slow)
			must(t, err)
			session := numbered(int(refusal.ErrorCode))
			if err := bus.Publish(bounded(t), flow.Message{Session: session, ID: "id"}); err != nil {
				t.Errorf("after %d tries: %v", slow.tries.Load(), err)
			}
			past, live, err := bus.Subscribe(bounded(t), session)
			must(t, err)
			must(t, live.Close())
			if len(past) != 1 {
				t.Errorf("%d messages, want 1", len(past))
			}
		})
	}
}

// TestAMessageThatIsTooLarge is refused at once, and not tried again.
func TestAMessageThatIsTooLarge(t *testing.T) {
	t.Parallel()
	bus := newBus(t, connect(t, startServer(t)))
	err := bus.Publish(bounded(t), flow.Message{Session: numbered(1), ID: "id", Body: wire.Hide("PaymentError=" + strings.Repeat("x", 2<<20))})
	if !errors.Is(err, nats.ErrMaxPayload) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("publish: %v, want ErrMaxPayload and no tries until a deadline", err)
	}
}
