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

// callbacks is the process that Twilio posts to. It knows no session: whatever
// comes is published.
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

// publicURL tells the handler under which URL Twilio knows it, if that is not
// where it listens.
func publicURL() []callback.Option {
	if base := getenv("PUBLIC_URL", ""); base != "" {
		return []callback.Option{callback.WithPublicURL(base)}
	}
	return nil
}

// talkingBus says what is published.
type talkingBus struct {
	flow.Bus
	out io.Writer
}

// Publish publishes and says so.
func (b *talkingBus) Publish(ctx context.Context, m flow.Message) error {
	err := b.Bus.Publish(ctx, m)
	if e, parseErr := m.Event(); err == nil && parseErr == nil {
		fmt.Fprintf(b.out, "published %s %s%s\n", e.Kind, e.Capture, e.Result)
	}
	return err
}
