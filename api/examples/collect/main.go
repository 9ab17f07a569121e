// Command collect takes a card payment on a telephone call, and says in plain
// words what happens: the agent asks for one field after another, the caller
// presses keys, Twilio reports by signed callbacks, the payment is completed.
//
// Without credentials in the environment it plays Twilio, the caller and the
// gateway itself, twice: one payment is charged, one is declined.
//
//	go run ./api/examples/collect
//
// With TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN set, and for requests by API key
// TWILIO_API_KEY and TWILIO_API_SECRET as well, it takes a payment on a call in
// progress. Callbacks come to a public URL that you lead to the address it
// listens on:
//
//	collect -call CA… -callback https://pay.example.com/status -listen 127.0.0.1:8080 -amount 49.90
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
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "collect:", err)
		os.Exit(1)
	}
}

// run does what the program does, with its surroundings as arguments.
func run(ctx context.Context, args []string, env func(string) string, stdout io.Writer) error {
	s, err := readSettings(args, env, stdout)
	if err != nil {
		return err
	}
	if s.accountSID == "" {
		return demonstrate(ctx, s, stdout)
	}
	return takePayment(ctx, s, stdout)
}
