package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// maxAsks is how often the agent asks for one field.
const maxAsks = 3

// desk is where an agent takes payments.
type desk struct {
	client *payments.Client
	bus    flow.Bus
	wait   time.Duration // limit for one entry, and for the outcome of complete
	printer
}

// take takes a payment on a call. An error means that nothing was charged, unless it
// is flow.ErrOutcomeUnknown: then only the gateway knows.
func (d *desk) take(ctx context.Context, call string, p payments.CreateParams) error {
	f, err := flow.Start(ctx, d.client, d.bus, call, p)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	d.say("Opened payment session %s on call %s.", f.Session().SID, call)
	for _, field := range []payments.Capture{
		payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode,
	} {
		if err := d.ask(ctx, f, field); err != nil {
			return d.giveUp(ctx, f, err)
		}
	}
	return d.complete(ctx, f)
}

// ask asks for a field until the caller enters a valid value, at most maxAsks times.
func (d *desk) ask(ctx context.Context, f *flow.Flow, field payments.Capture) error {
	for range maxAsks {
		d.say("The agent asks for the %s.", words(field))
		ctx, cancel := context.WithTimeout(ctx, d.wait)
		entry, err := f.Capture(ctx, field)
		cancel()
		refused, again := errors.AsType[*flow.EntryError](err)
		switch {
		case again && refused.Again:
			d.warn("  Refused: %s.", refused.Type)
		case err != nil:
			return fmt.Errorf("the caller did not enter the %s: %w", words(field), err)
		default:
			d.say("  Captured: %s. Still missing: %s.", shown(entry), list(entry.Missing))
			return nil
		}
	}
	return fmt.Errorf("the caller did not enter the %s in %d tries", words(field), maxAsks)
}

// complete charges. If Twilio's response is lost, the card may have been charged:
// complete is not sent again, and the status callback reports the outcome.
func (d *desk) complete(ctx context.Context, f *flow.Flow) error {
	d.say("The agent completes the payment.")
	ctx, cancel := context.WithTimeout(ctx, d.wait)
	defer cancel()
	for {
		result, err := f.Complete(ctx)
		switch {
		case err == nil:
			d.good("  Charged, confirmation code %s.", result.ConfirmationCode.Reveal())
			return nil
		case !errors.Is(err, flow.ErrOutcomeUnknown):
			return err
		case ctx.Err() != nil:
			return fmt.Errorf("ask the gateway before you charge again: %w", err)
		}
		d.warn("  The outcome is not known yet.") // calling Complete again sends nothing and waits
	}
}

// giveUp cancels a session that is still open, even if ctx is done.
func (d *desk) giveUp(ctx context.Context, f *flow.Flow, why error) error {
	if _, ended := errors.AsType[*flow.EndedError](why); ended {
		return why
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	d.say("The agent cancels the payment.")
	return errors.Join(why, f.Cancel(ctx))
}
