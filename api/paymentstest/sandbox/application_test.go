package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// application is the program that sandbox exec runs in these tests. It returns its
// exit status.
func application(args []string) int {
	switch args[0] {
	case "pay", "pay-twice":
		for range strings.Count(args[0], "-") + 1 {
			if err := take(); err != nil {
				fmt.Println(err)
				return 1
			}
		}
	case "exit":
		return len(args[1])
	case "environment":
		for _, name := range []string{"TWILIO_ACCOUNT_SID", "TWILIO_API_KEY", "TWILIO_REGION", "OTHER"} {
			fmt.Println(name, os.Getenv(name))
		}
	case "start":
		// Start a process that would never end.
		child := exec.Command(os.Args[0], "application", "sleep") // #nosec G204 -- this test binary
		if err := child.Start(); err != nil {
			fmt.Println(err)
			return 1
		}
		fmt.Println("child", child.Process.Pid)
	case "start-and-sleep":
		application([]string{"start"})
		time.Sleep(time.Hour)
	case "wait-for-child":
		// End with the child process, as npm does.
		child := exec.Command(os.Args[0], "application", "sleep") // #nosec G204 -- this test binary
		if err := child.Start(); err != nil {
			return 1
		}
		signal.Ignore(syscall.SIGTERM) // only now, because a child inherits it
		fmt.Println("child", child.Process.Pid)
		_ = child.Wait()
		return 5
	case "sleep":
		time.Sleep(time.Hour)
	case "stubborn":
		signal.Ignore(os.Interrupt, syscall.SIGTERM)
		fmt.Println("ready")
		time.Sleep(time.Hour)
	}
	return 0
}

// take takes a payment with the environment's settings only, as an application that
// knows nothing of the sandbox.
func take() error {
	ctx := context.Background()
	events := make(chan callback.Event, 200)
	handler, err := callback.NewHandler(func(_ context.Context, e callback.Event) error { events <- e; return nil })
	if err != nil {
		return err
	}
	web := httptest.NewServer(handler)
	defer web.Close()
	client, err := payments.NewClient()
	if err != nil {
		return err
	}
	const call = "CA00000000000000000000000000000001"
	s, err := client.Create(ctx, call, payments.CreateParams{StatusCallback: web.URL, ChargeAmount: "49.90", Currency: "USD"})
	if err != nil {
		return err
	}
	step := payments.UpdateParams{Capture: payments.CapturePaymentCardNumber}
	var state callback.State
	for {
		step.StatusCallback = web.URL
		if _, err := client.Update(ctx, call, s.SID, step); err != nil {
			return err
		}
		for e := range events {
			if err := state.Apply(e); err != nil {
				return err
			}
			if e.Kind == callback.Completed {
				fmt.Println("ended with", e.Result)
				return nil
			}
			if e.Capture == step.Capture && !e.Partial() && e.Kind != callback.Started {
				break
			}
		}
		if step = (payments.UpdateParams{Status: payments.StatusComplete}); !state.CanComplete() {
			step = payments.UpdateParams{Capture: state.Missing()[0]}
		}
	}
}
