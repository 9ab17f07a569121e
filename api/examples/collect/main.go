// Command collect takes a card payment on a telephone call and prints what happens:
// the agent asks for one field after another, the caller presses keys, and the agent
// completes the payment. It is the smallest complete program on package flow. Copy
// from it.
//
// Without TWILIO_ACCOUNT_SID in the environment it simulates Twilio, the caller and
// the gateway, and takes three payments: one is charged, one is declined, and one is
// charged although Twilio's response is lost.
//
//	go run ./api/examples/collect
//
// With TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN it takes a payment on a call in
// progress. To send requests with an API key, also set TWILIO_API_KEY and
// TWILIO_API_SECRET. Twilio posts status callbacks to /status below the public URL,
// which must lead to the address that collect listens on:
//
//	collect -call CA… -amount 49.90 -addr 127.0.0.1:8080 -public-url https://pay.example.com
//
// With TWILIO_BASE_URL it uses a sandbox on this machine and needs no public URL.
// NO_COLOR turns colors off.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "collect:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	s, err := readSettings(args, stdout)
	if err != nil {
		return err
	}
	if s.simulate {
		return demonstrate(ctx, s, printer{out: stdout, color: wantsColor(stdout)})
	}
	return takePayment(ctx, s, printer{out: stdout, color: wantsColor(stdout)})
}
