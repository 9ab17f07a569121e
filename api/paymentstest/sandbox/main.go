// Command sandbox serves a simulated Twilio to applications in any language:
// the Payments resource with strict checks, a caller who answers by script, a
// payment gateway in TEST mode, and signed status callbacks.
//
//	go run github.com/twiliopay/twiliopay-go/api/paymentstest/sandbox -addr 127.0.0.1:4010
//
// It prints the environment variables that point a program at it, and a request
// to try. Its log has no card data, tokens or bodies.
//
// It listens on a loopback address and delivers callbacks to loopback addresses
// only, unless told otherwise. Pages in a browser cannot use it: a Host other
// than a loopback name with the port is answered with 421, and a request from
// another origin with 403. The auth token is the documented one, which opens
// nothing elsewhere; with -allow-remote-clients it is random. Credentials in the
// environment may be real, and are used with -env-credentials only.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}
