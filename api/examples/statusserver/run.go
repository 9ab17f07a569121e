package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// stopTimeout is how long a stopping server waits for requests in progress. A delivery
// takes at most ten seconds.
const stopTimeout = 12 * time.Second

// settings are the values of flags and environment.
type settings struct {
	addr      string
	publicURL string
	verbose   bool
}

func readSettings(args []string, output io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("statusserver", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.StringVar(&s.addr, "addr", fromEnv("ADDR", "127.0.0.1:8080"), "address to listen on for status callbacks (ADDR)")
	flags.StringVar(&s.publicURL, "public-url", fromEnv("PUBLIC_URL", ""), "scheme and host at which Twilio reaches -addr (PUBLIC_URL)")
	flags.BoolVar(&s.verbose, "v", false, "log progress too")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return s, nil
}

func fromEnv(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// run serves until ctx is done. Once it listens, it calls listening, if not nil, with
// its address.
func run(ctx context.Context, args []string, output io.Writer, listening func(net.Addr)) error {
	s, err := readSettings(args, output)
	if err != nil {
		return err
	}
	level := slog.LevelInfo
	if s.verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewJSONHandler(output, &slog.HandlerOptions{Level: level}))
	handler, err := newServeMux(s, log)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	log.Info("listening", "addr", listener.Addr().String())
	if listening != nil {
		listening(listener.Addr())
	}
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	log.Info("stopping")
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	err = server.Shutdown(stopping)
	if served := <-served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	log.Info("stopped")
	return err
}

func newServeMux(s settings, log *slog.Logger) (http.Handler, error) {
	opts := []callback.Option{callback.WithLogger(log)}
	if s.publicURL != "" {
		opts = append(opts, callback.WithPublicURL(s.publicURL))
	}
	status, err := callback.NewHandler(newSessions(log).receive, opts...)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/status", status) // responds to other methods with 405 itself
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	return mux, nil
}
