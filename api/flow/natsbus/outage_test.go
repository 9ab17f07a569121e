package natsbus_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/internal/flowtest"
)

func TestTheServerIsDownWhileTwilioDelivers(t *testing.T) {
	t.Parallel()
	opts := restartable(t)
	s := run(t, opts)
	bus := newBus(t, connect(t, s), natsbus.WithKey(key), natsbus.WithHeartbeat(500*time.Millisecond))
	flowtest.Outage(t, bus, func() { stop(s) }, func() {
		again := *opts
		run(t, &again)
	})
}

// slowStream is a stream that loses its first acknowledgement: the message is
// stored, and the publisher's next attempts are refused for a while.
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

// TestAMessageThatIsStillBeingStored when the publisher retries is published
// once. With an error the handler would respond 500.
func TestAMessageThatIsStillBeingStored(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	for name, refusal := range map[string]*jetstream.APIError{
		"the same message is in process": {Code: 409, ErrorCode: 10158, Description: "duplicate message id is in process"},
		"the server is busy":             {Code: 429, ErrorCode: 10167, Description: "too many requests"},
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

// TestAMessageThatIsTooLarge is refused at once, and not retried.
func TestAMessageThatIsTooLarge(t *testing.T) {
	t.Parallel()
	bus := newBus(t, connect(t, startServer(t)))
	err := bus.Publish(bounded(t), flow.Message{Session: numbered(1), ID: "id", Body: wire.Hide("PaymentError=" + strings.Repeat("x", 2<<20))})
	if !errors.Is(err, nats.ErrMaxPayload) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("publish: %v, want ErrMaxPayload and no tries until a deadline", err)
	}
}
