package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
)

// callbacks is the process that Twilio posts to. It knows no sessions: it publishes
// every event.
func callbacks(ctx context.Context, kind, metrics string, out io.Writer) error {
	bus, disconnect, err := connect(ctx, kind)
	if err != nil {
		return err
	}
	defer disconnect()
	measured, err := measure(ctx, metrics, out)
	if err != nil {
		return err
	}
	handler, err := flow.Handler(&talkingBus{Bus: bus, out: out}, append(publicURL(), measured.handler...)...)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("POST /status", handler)
	return serve(ctx, out, mux, 30*time.Second)
}

// publicURL sets the URL under which Twilio reaches the handler, if it differs from
// the one it listens on.
func publicURL() []callback.Option {
	if base := getenv("PUBLIC_URL", ""); base != "" {
		return []callback.Option{callback.WithPublicURL(base)}
	}
	return nil
}

// talkingBus prints what is published.
type talkingBus struct {
	flow.Bus
	out io.Writer
}

// Publish publishes a message and prints its event.
func (b *talkingBus) Publish(ctx context.Context, m flow.Message) error {
	err := b.Bus.Publish(ctx, m)
	if e, parseErr := m.Event(); err == nil && parseErr == nil {
		fmt.Fprintf(b.out, "published %s %s%s\n", e.Kind, e.Capture, e.Result)
	}
	return err
}
