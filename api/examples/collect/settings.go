package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// settings are what flags and environment say.
type settings struct {
	accountSID string // empty: play Twilio
	authToken  string
	apiKey     string
	apiSecret  string

	baseURL  string
	call     string
	callback string
	listen   string
	amount   wire.Amount
	currency string
	wait     time.Duration
}

func readSettings(args []string, env func(string) string, output io.Writer) (settings, error) {
	s := settings{
		accountSID: env("TWILIO_ACCOUNT_SID"), authToken: env("TWILIO_AUTH_TOKEN"),
		apiKey: env("TWILIO_API_KEY"), apiSecret: env("TWILIO_API_SECRET"),
	}
	flags := flag.NewFlagSet("collect", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.StringVar(&s.call, "call", "", "SID of the call in progress whose keypad is read")
	flags.StringVar(&s.callback, "callback", "", "public URL that Twilio posts status callbacks to")
	flags.StringVar(&s.listen, "listen", "127.0.0.1:8080", "address that the callback URL leads to")
	flags.StringVar(&s.baseURL, "base-url", "", "another server than Twilio's, such as the sandbox")
	flags.StringVar((*string)(&s.amount), "amount", "49.90", "amount to charge")
	flags.StringVar(&s.currency, "currency", "USD", "currency of the amount")
	flags.DurationVar(&s.wait, "wait", 2*time.Minute, "how long to wait for the caller to enter a field")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if err := s.amount.Validate(); err != nil {
		return s, fmt.Errorf("-amount %w", err)
	}
	if s.accountSID == "" {
		if s.call != "" || s.callback != "" {
			return s, errors.New("-call and -callback need TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")
		}
		return s, nil
	}
	switch {
	case s.authToken == "":
		return s, errors.New("TWILIO_AUTH_TOKEN is needed: it signs the callbacks")
	case s.call == "":
		return s, errors.New("-call is needed: the SID of a call in progress")
	case s.callback == "":
		return s, errors.New("-callback is needed: the public URL that leads to -listen")
	}
	return s, nil
}

// client returns a client for the account in the environment.
func (s settings) client() (*payments.Client, error) {
	opts := []payments.Option{payments.WithCredentials(s.accountSID, s.authToken)}
	if s.apiKey != "" && s.apiSecret != "" {
		opts = []payments.Option{payments.WithAPIKey(s.accountSID, s.apiKey, s.apiSecret)}
	}
	if s.baseURL != "" {
		opts = append(opts, payments.WithBaseURL(s.baseURL))
	}
	return payments.NewClient(opts...)
}
