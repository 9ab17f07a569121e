package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// maxAsks is how often a caller is asked for one field.
const maxAsks = 3

// desk is where an agent takes a payment.
type desk struct {
	client   *payments.Client
	call     string
	callback string
	events   <-chan callback.Event
	wait     time.Duration
	out      io.Writer

	sid   string
	state callback.State
	typed int // keys since the field was asked for
}

// take runs a payment from its first request to its last callback. A payment
// that was declined is an error.
func (d *desk) take(ctx context.Context, p payments.CreateParams) error {
	p.StatusCallback = d.callback
	s, err := d.client.Create(ctx, d.call, p)
	if err != nil {
		return err
	}
	d.sid = s.SID
	d.say("Opened payment session %s on call %s.", s.SID, d.call)
	if err := d.collect(ctx); err != nil {
		return errors.Join(err, d.cancel(ctx))
	}
	d.say("The agent completes the payment.")
	if err := d.update(ctx, payments.UpdateParams{Status: payments.StatusComplete}); err != nil {
		return err
	}
	for !d.state.Completed() {
		if _, err := d.next(ctx); err != nil {
			return err
		}
	}
	return d.state.Err()
}

// collect asks for every field a card needs.
func (d *desk) collect(ctx context.Context) error {
	for _, field := range []payments.Capture{
		payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode,
	} {
		if err := d.ask(ctx, field); err != nil {
			return err
		}
	}
	return nil
}

// cancel gives up a session that is still open, also when the agent has left.
func (d *desk) cancel(ctx context.Context) error {
	if d.state.Completed() {
		return nil
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer stop()
	d.say("The agent cancels the payment.")
	return d.update(ctx, payments.UpdateParams{Status: payments.StatusCancel})
}

// ask asks for a field until the caller has entered it, or too often.
func (d *desk) ask(ctx context.Context, field payments.Capture) error {
	for range maxAsks {
		d.say("The agent asks for the %s.", words(field))
		d.typed = 0
		if err := d.update(ctx, payments.UpdateParams{Capture: field}); err != nil {
			return err
		}
		taken, err := d.entered(ctx, field)
		if taken || err != nil {
			return err
		}
	}
	return fmt.Errorf("the caller did not enter the %s", words(field))
}

// entered waits for the end of an entry and reports whether it was taken.
func (d *desk) entered(ctx context.Context, field payments.Capture) (bool, error) {
	for {
		e, err := d.next(ctx)
		switch {
		case err != nil:
			return false, err
		case d.state.Completed():
			return false, d.state.Err()
		case e.Capture == field && !e.Partial():
			return e.ErrorType == "", nil
		}
	}
}

func (d *desk) update(ctx context.Context, p payments.UpdateParams) error {
	p.StatusCallback = d.callback
	_, err := d.client.Update(ctx, d.call, d.sid, p)
	return err
}

// next waits for the session's next callback, and tells of it.
func (d *desk) next(ctx context.Context) (callback.Event, error) {
	ctx, cancel := context.WithTimeout(ctx, d.wait)
	defer cancel()
	for {
		select {
		case e := <-d.events:
			if e.SID == d.sid && d.state.Apply(e) == nil {
				d.tell(e)
				return e, nil
			}
		case <-ctx.Done():
			return callback.Event{}, fmt.Errorf("no callback for %v: %w", d.wait, ctx.Err())
		}
	}
}
