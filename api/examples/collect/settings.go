package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// settings are the values of flags and environment. The packages that need
// credentials read them from the environment themselves.
type settings struct {
	simulate  bool
	call      string
	addr      string
	publicURL string // empty if callbacks come from this machine
	amount    wire.Amount
	currency  string
	wait      time.Duration
}

func readSettings(args []string, output io.Writer) (settings, error) {
	s := settings{simulate: os.Getenv("TWILIO_ACCOUNT_SID") == ""}
	flags := flag.NewFlagSet("collect", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.StringVar(&s.call, "call", "", "SID of the call in progress")
	flags.StringVar(&s.addr, "addr", cmp.Or(os.Getenv("ADDR"), "127.0.0.1:8080"), "address to listen on for status callbacks (ADDR)")
	flags.StringVar(&s.publicURL, "public-url", os.Getenv("PUBLIC_URL"), "scheme and host at which Twilio reaches -addr (PUBLIC_URL)")
	flags.StringVar((*string)(&s.amount), "amount", "49.90", "amount to charge")
	flags.StringVar(&s.currency, "currency", "USD", "currency of the amount")
	flags.DurationVar(&s.wait, "wait", 2*time.Minute, "how long to wait for the caller to enter a field, and for the outcome")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if err := s.amount.Validate(); err != nil {
		return s, fmt.Errorf("-amount %w", err)
	}
	switch {
	case s.simulate && s.call != "":
		return s, errors.New("-call needs TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")
	case s.simulate:
	case s.call == "":
		return s, errors.New("-call is required: the SID of a call in progress")
	case s.publicURL == "" && os.Getenv("TWILIO_BASE_URL") == "":
		return s, errors.New("-public-url is required: the URL at which Twilio reaches -addr, such as https://pay.example.com")
	}
	return s, nil
}

func (s settings) params(statusCallback string) payments.CreateParams {
	return payments.CreateParams{
		ChargeAmount: s.amount, Currency: s.currency, PostalCode: new(false),
		// rc=5 and rp=all ask Twilio to retry failed deliveries up to five times.
		StatusCallback: statusCallback + "#rc=5&rp=all",
	}
}
