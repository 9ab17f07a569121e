package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow/natsbus"
)

// connect returns the bus that both processes share.
func connect(ctx context.Context) (*natsbus.Bus, func(), error) {
	nc, err := natsbus.Connect(os.Getenv("NATS_URL"))
	if err != nil {
		return nil, nil, err
	}
	var opts []natsbus.Option
	if text := os.Getenv("PAY_KEY"); text != "" {
		key, err := hex.DecodeString(text)
		if err != nil {
			return nil, nil, errors.New("PAY_KEY must be hexadecimal")
		}
		opts = append(opts, natsbus.WithKey(key))
	}
	bus, err := natsbus.New(ctx, nc, opts...)
	if err != nil {
		nc.Close()
		return nil, nil, err
	}
	return bus, nc.Close, nil
}

// serve serves until the context ends, giving each response the time write. The
// first line it prints is its URL.
func serve(ctx context.Context, out io.Writer, h http.Handler, write time.Duration) error {
	addr := os.Getenv("ADDR")
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "http://%s\n", l.Addr())
	server := newServer(h, write)
	stopped := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stopped()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// newServer returns a server on which no sender and no reader stays for ever.
func newServer(h http.Handler, write time.Duration) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      write,
		IdleTimeout:       2 * time.Minute,
	}
}
