// Command agentdesk is a back end of two processes that share a NATS server or a
// PostgreSQL database. One process receives Twilio's status callbacks. Agents'
// browsers connect to the other, which takes steps as requests and sends progress as
// server-sent events. Events reach it from the first process over the shared bus.
//
//	go run .                  the demo: a NATS server, a simulated Twilio, both
//	                          processes, and an agent who takes a payment
//	go run . -watch           the same with you as the agent: it prints the addresses
//	                          of the agent's page and of the simulation's console
//	go run . callbacks        the process that receives callbacks
//	go run . desk             the process that serves the agents' browsers
//
// With -bus=postgres before the role, the processes and the demo share the PostgreSQL
// database of DATABASE_URL, and there is one more role:
//
//	go run . -bus=postgres migrate    create or update the tables
//
// With -metrics=127.0.0.1:9464 before its role, a process serves its metrics for
// Prometheus at /metrics on that address.
//
// Both processes take their settings from the environment:
//
//	NATS_URL                  the NATS servers, comma-separated
//	DATABASE_URL              the database, as postgres://user:password@host/database
//	PAY_SCHEMA                the schema of the tables, default agentdesk
//	ADDR                      host:port to listen on, default 127.0.0.1 and a free port
//	PUBLIC_URL                scheme and host at which Twilio reaches the callbacks
//	                          process, whose path is /status; both processes need it
//	TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, and TWILIO_BASE_URL for a simulation
//	PAY_KEY                   the key that encrypts stored data: 64 hexadecimal digits
//
// The agents' process has no log-in: put it behind your own. It refuses requests that
// pages of other origins make in the agent's browser.
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
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "agentdesk:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("agentdesk", flag.ContinueOnError)
	kind := flags.String("bus", overNATS, "the bus that the processes share: "+overNATS+" or "+overPostgreSQL)
	person := flags.Bool("watch", false, "run the demo with you as the agent, until interrupted")
	metrics := flags.String("metrics", "", "host:port at which a role serves metrics for Prometheus (default off)")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: agentdesk [-bus=nats | -bus=postgres] [-watch] [-metrics=host:port] [callbacks | desk | migrate]\n\nWithout a role it runs the demo. For the settings of the roles, run go doc.")
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	}
	if *kind != overNATS && *kind != overPostgreSQL {
		return fmt.Errorf("-bus must be %s or %s, not %q", overNATS, overPostgreSQL, *kind)
	}
	switch role := flags.Arg(0); role {
	case "":
		if *person {
			return watch(ctx, *kind, os.Stdout)
		}
		return demo(ctx, *kind, os.Stdout)
	case "callbacks":
		return callbacks(ctx, *kind, *metrics, os.Stdout)
	case "desk":
		return agents(ctx, *kind, *metrics, os.Stdout)
	case "migrate":
		if *kind != overPostgreSQL {
			return errors.New("migrate needs -bus=" + overPostgreSQL)
		}
		return migrate(ctx)
	default:
		return fmt.Errorf("unknown role %q: must be callbacks, desk or migrate, or none for the demo", role)
	}
}
