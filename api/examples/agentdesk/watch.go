package main

import (
	"context"
	"io"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/console"
)

// keyTime is the caller's pause before each key, so that a person can follow.
const keyTime = 250 * time.Millisecond

// watch starts everything and serves the agent's page to a person until interrupted.
// The console shows what the simulated Twilio does.
func watch(ctx context.Context, kind string, w io.Writer) error {
	out := &lines{w: w}
	c, err := startCluster(ctx, kind, out, unhurried)
	if err != nil {
		return err
	}
	defer c.stop()
	page, err := console.New(c.twilio)
	if err != nil {
		return err
	}
	defer page.Close()
	c.twilio.ServeOther(page)
	out.printf("demo", "a caller is waiting: be the agent at %s/#call=%s", c.agents.url, c.twilio.NewCall().SID)
	out.printf("demo", "watch the simulated Twilio at %s/#token=%s", c.twilio.URL, page.Token())
	out.printf("demo", "press Ctrl-C to stop")
	<-ctx.Done()
	return nil
}

// unhurried is a caller with a Visa test card who pauses before every key.
func unhurried(c *paymentstest.Call, p paymentstest.Prompt) {
	keys := map[payments.Capture]string{
		payments.CapturePaymentCardNumber: "4111111111111111", payments.CaptureExpirationDate: "1299", payments.CaptureSecurityCode: "123",
	}[p.Capture]
	for _, key := range keys {
		time.Sleep(keyTime)
		if c.Press(string(key)) != nil {
			return // the prompt has ended
		}
	}
}
