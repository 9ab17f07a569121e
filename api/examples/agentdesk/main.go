// Command agentdesk is a back end of two processes that share a NATS server or a
// PostgreSQL: one takes Twilio's status callbacks, the other is where the agent's
// browser is connected, with steps as requests and progress as server-sent
// events. An event crosses from the first to the second over what they share.
//
//	go run .                  the demo: a NATS server, a simulated Twilio, both
//	                          processes, and an agent who takes a payment
//	go run . -watch           the same, and you are the agent: it prints the address of
//	                          the agent's page and that of the simulation's console
//	go run . callbacks        the process that takes callbacks
//	go run . desk             the process that holds the agents' events
//
// With -bus=postgres before the role they share the PostgreSQL of DATABASE_URL, the
// demo too, and there is one role more:
//
//	go run . -bus=postgres migrate    make the tables, or change older ones
//
// With -metrics=127.0.0.1:9464 before its role a process serves what it measures
// for Prometheus, at /metrics there.
//
// Both processes take their settings from the environment:
//
//	NATS_URL                  the servers, comma-separated
//	DATABASE_URL              the PostgreSQL, as postgres://user:password@host/database
//	PAY_SCHEMA                the schema there that has the tables, default agentdesk
//	ADDR                      host:port to listen on, default 127.0.0.1 and a free port
//	PUBLIC_URL                scheme and host under which Twilio reaches callbacks, whose
//	                          path is /status; both processes need it
//	TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, and TWILIO_BASE_URL for a simulation
//	PAY_KEY                   64 hexadecimal digits that seal what is stored
//
// The agents' side has no log-in: put it behind your own. It refuses requests that a
// page of another origin makes in the agent's browser.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "agentdesk:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("agentdesk", flag.ContinueOnError)
	kind := flags.String("bus", overNATS, "what the processes share: "+overNATS+" or "+overPostgreSQL)
	person := flags.Bool("watch", false, "the demo waits for you to be the agent, until it is interrupted")
	metrics := flags.String("metrics", "", "host:port where a role serves its metrics for Prometheus; none by default")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: agentdesk [-bus=nats | -bus=postgres] [-watch] [-metrics=host:port] [callbacks | desk | migrate]\n\nWithout a role it runs the demo. Settings: see go doc.")
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	}
	if *kind != overNATS && *kind != overPostgreSQL {
		return fmt.Errorf("there is no bus %q: %s or %s", *kind, overNATS, overPostgreSQL)
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
		return fmt.Errorf("there is no %q: callbacks, desk, migrate, or nothing for the demo", role)
	}
}
