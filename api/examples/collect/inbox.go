package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// inbox receives callbacks on an address and hands them on one by one.
type inbox struct {
	addr   string
	events chan callback.Event
	server *http.Server
}

// openInbox listens on addr for callbacks that are signed with the token.
// publicURL is the URL Twilio knows; empty when it is the address itself.
func openInbox(addr, token, publicURL string) (*inbox, error) {
	in := &inbox{events: make(chan callback.Event, 256)}
	opts := []callback.Option{callback.WithAuthTokens(token), callback.WithLogger(slog.New(slog.DiscardHandler))}
	if publicURL != "" {
		opts = append(opts, callback.WithPublicURLFunc(func(*http.Request) string { return publicURL }))
	}
	handler, err := callback.NewHandler(in.receive, opts...)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	in.addr = listener.Addr().String()
	in.server = &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = in.server.Serve(listener) }()
	return in, nil
}

func (in *inbox) receive(ctx context.Context, e callback.Event) error {
	select {
	case in.events <- e:
		return nil
	case <-ctx.Done():
		return errors.New("nobody reads callbacks")
	}
}

func (in *inbox) close() { _ = in.server.Close() }
