// Command agentdesk is a back end of two processes that share a NATS server:
// one takes Twilio's status callbacks, the other is where the agent's browser
// is connected, with steps as requests and progress as server-sent events. An
// event crosses from the first to the second over NATS.
//
//	go run .                  the demo: a NATS server, a simulated Twilio, both
//	                          processes, and an agent who takes a payment
//	go run . callbacks        the process that takes callbacks
//	go run . desk             the process that holds the agents' events
//
// Both processes take their settings from the environment:
//
//	NATS_URL                  the servers, comma-separated
//	ADDR                      host:port to listen on, default 127.0.0.1 and a free port
//	PUBLIC_URL                scheme and host under which Twilio reaches callbacks, whose
//	                          path is /status; both processes need it
//	TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, and TWILIO_BASE_URL for a simulation
//	PAY_KEY                   64 hexadecimal digits that seal what NATS stores
//
// The agents' side has no log-in: put it behind your own. It refuses requests that a
// page of another origin makes in the agent's browser.
package main

import (
	"context"
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
	role := "demo"
	if len(args) > 0 {
		role = args[0]
	}
	switch role {
	case "demo":
		return demo(ctx, os.Stdout)
	case "callbacks":
		return callbacks(ctx, os.Stdout)
	case "desk":
		return agents(ctx, os.Stdout)
	case "-h", "-help", "--help":
		_, err := fmt.Println("usage: agentdesk [callbacks | desk]\n\nWithout an argument it runs the demo. Settings: see go doc.")
		return err
	}
	return fmt.Errorf("there is no %q: callbacks, desk, or nothing for the demo", role)
}
