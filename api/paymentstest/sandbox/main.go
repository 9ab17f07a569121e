// Command sandbox serves a simulated Twilio for applications in any language: the
// Payments resource with strict validation, a scripted caller, a payment gateway in
// TEST mode, and signed status callbacks.
//
//	go run github.com/twiliopay/twiliopay-go/api/paymentstest/sandbox -addr 127.0.0.1:4010
//
// It prints the environment variables that point a program at it, a request to
// try, and the address of a page that shows payments and lets you play them; see
// package api/paymentstest/console. Its log has no card data, tokens or bodies.
//
// Two more commands play scenarios; see package api/paymentstest/scenario. The first
// plays them without an application. The second runs an application's tests, in any
// language, against a scenario:
//
//	sandbox run happy-path lost-response my-payment.json
//	sandbox exec -scenario another-card -junit report.xml -- npm test
//
// sandbox COMMAND -h describes each command.
//
// By default it listens on a loopback address and delivers callbacks to loopback
// addresses only. Web pages of other origins cannot use it: a Host header other than
// a loopback name with the port gets 421, and a request from another origin 403.
//
// The sandbox's own page opens with the token in its address. The token is random
// for each start unless -console-token sets it; -allow-remote-clients disables the
// page unless -console-token is given. The auth token is a documented constant, which
// is worthless elsewhere; with -allow-remote-clients it is random. Credentials in
// the environment may be real: they are used with -env-credentials only.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// command is a command of the program.
type command struct {
	name, summary string
	run           func(args []string, env func(string) string, stdout, stderr io.Writer) error
}

// commands returns all commands. The first is the default.
func commands() []command {
	return []command{
		{"serve", "serve a simulated Twilio until interrupted (default)", func(args []string, env func(string) string, stdout, _ io.Writer) error {
			ctx, stop := interruptible()
			defer stop()
			return serve(ctx, args, env, stdout)
		}},
		{"run", "play scenarios without an application", func(args []string, _ func(string) string, stdout, stderr io.Writer) error {
			ctx, stop := interruptible()
			defer stop()
			return runScenarios(ctx, args, stdout, stderr)
		}},
		{"exec", "run a command with a simulated Twilio, and check its payments", func(args []string, _ func(string) string, _, _ io.Writer) error {
			return execCommand(args, os.Environ(), os.Stdout, os.Stderr)
		}},
	}
}

func main() {
	os.Exit(status(dispatch(os.Args[1:], os.Getenv, os.Stdout, os.Stderr), os.Stderr))
}

// dispatch runs the command that the first argument names.
func dispatch(args []string, env func(string) string, stdout, stderr io.Writer) error {
	all := commands()
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return all[0].run(args, env, stdout, stderr)
	}
	names := make([]string, 0, len(all))
	for _, c := range all {
		if c.name == args[0] {
			return c.run(args[1:], env, stdout, stderr)
		}
		names = append(names, c.name)
	}
	return usageError{fmt.Errorf("unknown command %q: must be one of %s", args[0], strings.Join(names, ", "))}
}

// usage is what -h prints before the flags of serve.
func usage() string {
	var b strings.Builder
	b.WriteString("usage: sandbox [COMMAND] [flags]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-6s %s\n", c.name, c.summary)
	}
	b.WriteString("\nsandbox COMMAND -h lists the flags of a command. The flags of serve are:\n\n")
	return b.String()
}

// interruptible returns a context that ends on an interrupt or SIGTERM.
func interruptible() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
}

// usageError is a mistake on the command line or in a file that it names.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// exitStatus is the status of a failure that is already printed.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// status prints an error and returns the exit status: 0 without an error, 1 for a
// failure, 2 for a usageError.
func status(err error, stderr io.Writer) int {
	if code := exitStatus(0); errors.As(err, &code) {
		return int(code)
	}
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	_, _ = fmt.Fprintln(stderr, "sandbox:", err)
	if errors.As(err, new(usageError)) {
		return 2
	}
	return 1
}
