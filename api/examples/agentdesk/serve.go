package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// drain is how long requests may go on after the context ends: a callback is then
// stored, not lost.
const drain = 5 * time.Second

// serve serves until ctx is done; write limits the time of each response. The first
// line it prints is its URL.
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
	drained := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(drained)
		ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), drain)
		defer stop()
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
	})
	defer cancel()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-drained
	return nil
}

// newServer returns a server with limits for slow clients.
func newServer(h http.Handler, write time.Duration) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      write,
		IdleTimeout:       2 * time.Minute,
	}
}
