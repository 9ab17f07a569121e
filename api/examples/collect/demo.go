package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// demonstrate plays two payments on a simulated Twilio.
func demonstrate(ctx context.Context, s settings, out io.Writer) error {
	srv, err := paymentstest.Start()
	if err != nil {
		return err
	}
	defer srv.Close()
	in, err := openInbox("127.0.0.1:0", srv.AuthToken(), "")
	if err != nil {
		return err
	}
	defer in.close()
	client, err := payments.NewClient(srv.ClientOptions()...)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(out, "No TWILIO_ACCOUNT_SID in the environment: Twilio, caller and gateway are simulated.")
	pay := func(title string, caller paymentstest.Caller) error {
		_, _ = fmt.Fprintf(out, "\n%s\n", title)
		call := srv.NewCall()
		call.AnswerWith(caller)
		d := &desk{
			client: client, call: call.SID, callback: "http://" + in.addr + "/status",
			events: in.events, wait: s.wait, out: out,
		}
		return d.take(ctx, s.params())
	}
	if err := pay(fmt.Sprintf("A customer pays %s %s, and mistypes the card number at first.", s.amount, s.currency),
		mistaken(paymentstest.VisaCaller())); err != nil {
		return err
	}
	srv.DeclineNext(paymentstest.Decline(payments.CodeChargeRejected, "insufficient_funds"))
	err = pay("Another customer's card is declined.", paymentstest.VisaCaller())
	if !errors.Is(err, payments.ErrDeclined) {
		return fmt.Errorf("the second payment was not declined: %w", err)
	}
	_, _ = fmt.Fprintf(out, "The agent learns why: %v.\n\n", err)
	for _, c := range srv.Charges() {
		_, _ = fmt.Fprintf(out, "Charged in all: %s %s to the %s card that ends in %s.\n", c.Amount, c.Currency, c.CardType, c.LastDigits)
	}
	return nil
}

// mistaken is a caller who gets every card number wrong at first.
func mistaken(caller paymentstest.Caller) paymentstest.Caller {
	return func(c *paymentstest.Call, p paymentstest.Prompt) {
		if p.Capture == payments.CapturePaymentCardNumber && p.Times == 1 {
			_ = c.Enter("4111 1111 1111 1112")
			return
		}
		caller(c, p)
	}
}

func (s settings) params() payments.CreateParams {
	return payments.CreateParams{ChargeAmount: s.amount, Currency: s.currency, PostalCode: new(false)}
}
