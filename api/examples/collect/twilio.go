package main

import (
	"context"
	"fmt"
	"io"
)

// takePayment takes one payment on a call in progress at Twilio.
func takePayment(ctx context.Context, s settings, out io.Writer) error {
	client, err := s.client()
	if err != nil {
		return err
	}
	in, err := openInbox(s.listen, s.authToken, s.callback)
	if err != nil {
		return err
	}
	defer in.close()
	_, _ = fmt.Fprintf(out, "Charging %s %s on call %s. Callbacks to %s are expected on %s.\n", s.amount, s.currency, s.call, s.callback, in.addr)
	d := &desk{client: client, call: s.call, callback: s.callback, events: in.events, wait: s.wait, out: out}
	return d.take(ctx, s.params())
}
