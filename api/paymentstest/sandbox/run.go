package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// run serves until ctx ends.
func run(ctx context.Context, args []string, env func(string) string, stdout io.Writer) error {
	s, err := readSettings(args, env, stdout)
	if err != nil {
		return err
	}
	log := &lines{out: stdout}
	caller := callers[s.caller].answer(ctx, s.pace)
	srv, err := paymentstest.Start(append(s.options(),
		paymentstest.WithCaller(caller), paymentstest.WithLogger(slog.New(log)))...)
	if err != nil {
		return err
	}
	defer srv.Close()
	token := "as given"
	if s.token == "" {
		token = srv.AuthToken() // made up: the documented one, or a random one
	}
	log.mu.Lock()
	_, _ = fmt.Fprintf(stdout, "Simulated Twilio on %s\n  account SID  %s\n  auth token   %s\n  on the phone %s, a key every %v\n  seed         %d\n",
		srv.URL, srv.AccountSID(), token, s.caller, s.pace, s.seed)
	log.mu.Unlock()
	<-ctx.Done()
	return nil
}
