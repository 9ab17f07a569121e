package main

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// takePayment takes one payment on a call in progress.
func takePayment(ctx context.Context, s settings, p printer) error {
	client, err := payments.NewClient() // credentials come from the environment
	if err != nil {
		return err
	}
	bus, err := flow.NewMemory()
	if err != nil {
		return err
	}
	defer func() { _ = bus.Close() }()
	var opts []callback.Option
	if s.publicURL != "" {
		opts = append(opts, callback.WithPublicURL(s.publicURL))
	}
	handler, err := flow.Handler(bus, opts...) // checks signatures with TWILIO_AUTH_TOKEN
	if err != nil {
		return err
	}
	base, stop, err := listen(s.addr, handler)
	if err != nil {
		return err
	}
	defer stop()
	if s.publicURL != "" {
		base = s.publicURL
	}
	p.say("Charging %s %s on call %s. Waiting for callbacks to %s/status on %s.", s.amount, s.currency, s.call, base, s.addr)
	d := &desk{client: client, bus: bus, wait: s.wait, printer: p}
	return d.take(ctx, s.call, s.params(base+"/status"))
}

// listen serves status callbacks on an address and returns its URL.
func listen(addr string, status http.Handler) (base string, stop func(), err error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("POST /status", status)
	server := &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
	}
	go func() { _ = server.Serve(l) }()
	return "http://" + l.Addr().String(), func() { _ = server.Close() }, nil
}
