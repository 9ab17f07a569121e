package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// demonstrate takes three payments on a simulated Twilio.
func demonstrate(ctx context.Context, s settings, p printer) error {
	srv, err := paymentstest.Start()
	if err != nil {
		return err
	}
	defer srv.Close()
	client, err := payments.NewClient(srv.ClientOptions()...)
	if err != nil {
		return err
	}
	bus, err := flow.NewMemory()
	if err != nil {
		return err
	}
	defer func() { _ = bus.Close() }()
	handler, err := flow.Handler(bus, callback.WithAuthTokens(srv.AuthToken()))
	if err != nil {
		return err
	}
	base, stop, err := listen("127.0.0.1:0", handler)
	if err != nil {
		return err
	}
	defer stop()
	p.say("No TWILIO_ACCOUNT_SID in the environment: Twilio, caller and gateway are simulated.")
	d := &desk{client: client, bus: bus, wait: s.wait, printer: p}
	pay := func(title string, caller paymentstest.Caller) error {
		p.say("\n%s", title)
		call := srv.NewCall()
		call.AnswerWith(caller)
		return d.take(ctx, call.SID, s.params(base+"/status"))
	}

	if err := pay(fmt.Sprintf("A customer pays %s %s and mistypes the card number at first.", s.amount, s.currency), mistaken(paymentstest.VisaCaller())); err != nil {
		return err
	}
	srv.DeclineNext(paymentstest.Decline(payments.CodeChargeRejected, "insufficient_funds"))
	err = pay("Another customer's card is declined.", paymentstest.VisaCaller())
	ended, over := errors.AsType[*flow.EndedError](err)
	if !over || !errors.Is(err, payments.ErrDeclined) {
		return fmt.Errorf("the second payment was not declined: %w", err)
	}
	p.bad("  Declined: %s, code %d.", ended.Result, ended.Code)
	srv.Inject(paymentstest.On(paymentstest.Complete, 1, paymentstest.Reset().AfterCommit()))
	if err := pay("A third customer pays, and Twilio's response to the charge is lost.", paymentstest.VisaCaller()); err != nil {
		return err
	}
	p.say("")
	for i, c := range srv.Charges() {
		p.good("Charge %d: %s %s to the %s card ending in %s.", i+1, c.Amount, c.Currency, c.CardType, c.LastDigits)
	}
	return nil
}

// mistaken is a caller whose first entry of every card number is wrong.
func mistaken(caller paymentstest.Caller) paymentstest.Caller {
	return func(c *paymentstest.Call, p paymentstest.Prompt) {
		if p.Capture == payments.CapturePaymentCardNumber && p.Times == 1 {
			_ = c.Enter("4111 1111 1111 1112")
			return
		}
		caller(c, p)
	}
}
