package natsbus

import (
	"context"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// Publish implements flow.Bus. It returns nil when the stream has the message
// on as many servers as it takes to survive the loss of one.
func (b *Bus) Publish(ctx context.Context, m flow.Message) error {
	if err := m.Session.Validate(); err != nil {
		return err
	}
	if !b.config.seal.hasKey() {
		m = m.WithoutTokens()
	}
	subject := b.config.subject(m.Session)
	data := b.config.seal.seal(m.Encode(), place{b.config.stream(), subject})
	_, err := again(ctx, b, func(ctx context.Context) (*jetstream.PubAck, error) {
		return b.js.PublishMsg(ctx, &nats.Msg{Subject: subject, Data: data},
			jetstream.WithMsgID(key(m.Session)+"."+m.ID), jetstream.WithExpectStream(b.config.stream()))
	}, subject)
	return err
}
