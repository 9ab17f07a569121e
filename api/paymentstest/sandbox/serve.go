package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// serve serves the simulation until ctx is done.
func serve(ctx context.Context, args []string, env func(string) string, stdout io.Writer) error {
	s, err := readSettings(args, env, stdout)
	if err != nil {
		return err
	}
	handler, log := newLog(stdout, s.json)
	srv, err := paymentstest.Start(append(s.options(),
		paymentstest.WithCaller(caller(ctx, s.caller, s.pace)), paymentstest.WithLogger(slog.New(handler)))...)
	if err != nil {
		return inFlagsError(err)
	}
	defer srv.Close()
	page, err := openPage(s, srv)
	if err != nil {
		return err
	}
	if page != nil {
		defer page.Close()
	}
	if s.json {
		announce(slog.New(handler), s, srv, page)
	} else {
		log.Lock()
		greet(stdout, s, srv, page)
		log.Unlock()
	}
	<-ctx.Done()
	return nil
}

// inFlagsError returns an error of package paymentstest in terms of the flags.
func inFlagsError(err error) error {
	return usageError{errors.New(inFlags(strings.TrimPrefix(err.Error(), "paymentstest: ")))}
}

// inFlags replaces the option names of package paymentstest in a message with flags.
func inFlags(message string) string { return flagOf.Replace(message) }

var flagOf = strings.NewReplacer(
	"WithCallbackHosts: the host", "-callback-hosts: every host",
	"WithCredentials: the account SID", "-account",
	"WithHosts: the host", "-hosts: every host",
	"give Server.Handle a handler for the host, or name it with WithCallbackHosts", "use one as StatusCallback or name the host with -callback-hosts",
	"WithHosts", "-hosts",
	"WithAddr:", "-addr",
	"unless AllowRemoteClients is given", "unless -allow-remote-clients is given",
	"paymentstest: ", "",
)
