// Command statusserver receives the status callbacks of payment sessions and logs for
// every session what is captured, what is missing and how it ended.
//
//	TWILIO_AUTH_TOKEN=… statusserver -addr 127.0.0.1:8080 -public-url https://pay.example.com
//
// The StatusCallback of your payments is then https://pay.example.com/status.
// GET /healthz returns 204. On SIGINT and SIGTERM the server finishes the requests in
// progress and stops.
//
// The auth token comes from the environment only, because every user of a machine can
// read the arguments of a process.
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
	err := run(ctx, os.Args[1:], os.Stderr, nil)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "statusserver:", err)
		os.Exit(1)
	}
}
