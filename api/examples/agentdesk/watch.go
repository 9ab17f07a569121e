package main

import (
	"context"
	"io"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/console"
)

// keyTime is how long the caller takes for a key, so that one can follow.
const keyTime = 250 * time.Millisecond

// watch starts everything and leaves the agent's part to whoever opens the page,
// until it is interrupted. The console shows what Twilio does beside it.
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
	out.printf("demo", "a caller waits: be the agent at %s/#call=%s", c.agents.url, c.twilio.NewCall().SID)
	out.printf("demo", "watch Twilio at %s/#token=%s", c.twilio.URL, page.Token())
	out.printf("demo", "interrupt it when you have seen enough")
	<-ctx.Done()
	return nil
}

// unhurried is a caller with a Visa test card who takes time for every key.
func unhurried(c *paymentstest.Call, p paymentstest.Prompt) {
	keys := map[payments.Capture]string{
		payments.CapturePaymentCardNumber: "4111111111111111", payments.CaptureExpirationDate: "1299", payments.CaptureSecurityCode: "123",
	}[p.Capture]
	for _, key := range keys {
		time.Sleep(keyTime)
		if c.Press(string(key)) != nil {
			return // asked for something else, or the session has ended
		}
	}
}
