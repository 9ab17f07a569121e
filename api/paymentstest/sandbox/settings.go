package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// settings are what flags and environment say.
type settings struct {
	addr          string
	account       string
	token         string
	caller        string
	pace          time.Duration
	seed          uint64
	failing       float64
	live          bool
	decline       int
	remoteClients bool
	callbackHosts string
}

func readSettings(args []string, env func(string) string, output io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.StringVar(&s.addr, "addr", "127.0.0.1:4010", "address to listen on")
	flags.StringVar(&s.account, "account", cmp.Or(env("TWILIO_ACCOUNT_SID"), paymentstest.DefaultAccountSID), "account SID (TWILIO_ACCOUNT_SID)")
	token := cmp.Or(env("TWILIO_AUTH_TOKEN"), paymentstest.DefaultAuthToken)
	flags.Func("callback-token", "auth token that signs callbacks and opens the account (TWILIO_AUTH_TOKEN; default "+paymentstest.DefaultAuthToken+")",
		func(value string) error { token = value; return nil })
	flags.StringVar(&s.caller, "caller", "visa", "who is on the phone: "+strings.Join(callerNames(), ", "))
	flags.DurationVar(&s.pace, "pace", 150*time.Millisecond, "time between two keys the caller presses")
	flags.Uint64Var(&s.seed, "seed", uint64(time.Now().UnixNano()), "what SIDs and random faults derive from (default: the time)")
	flags.Float64Var(&s.failing, "failing", 0, "share of requests that fail at random, 0 to 1: 429, 503, resets, half answers")
	flags.BoolVar(&s.live, "live", false, "take any valid card, not test cards alone")
	flags.IntVar(&s.decline, "decline", 0, "decline every payment with this code, such as 64008")
	flags.BoolVar(&s.remoteClients, "allow-remote-clients", false, "let -addr be an address that other machines reach")
	flags.StringVar(&s.callbackHosts, "callback-hosts", "", "hosts other than this machine that callbacks may go to, in commas")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	s.token = token
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case s.failing < 0 || s.failing > 1:
		return s, fmt.Errorf("-failing must be from 0 to 1")
	case callers[s.caller] == nil:
		return s, fmt.Errorf("-caller must be one of %s", strings.Join(callerNames(), ", "))
	case s.decline != 0 && (s.decline < payments.CodeConfiguration || s.decline > payments.CodeConnectorNotApproved):
		return s, fmt.Errorf("-decline must be a code from %d to %d", payments.CodeConfiguration, payments.CodeConnectorNotApproved)
	}
	return s, nil
}

// options are what the settings mean to the simulation.
func (s settings) options() []paymentstest.Option {
	opts := []paymentstest.Option{
		paymentstest.WithAddr(s.addr), paymentstest.WithCredentials(s.account, s.token), paymentstest.WithSeed(s.seed),
		paymentstest.WithHistory(1000),
	}
	if s.failing > 0 {
		opts = append(opts, paymentstest.WithFaults(paymentstest.AtRandom(s.seed, s.failing, faults...)))
	}
	if s.live {
		opts = append(opts, paymentstest.LiveMode())
	}
	if s.decline != 0 {
		opts = append(opts, paymentstest.WithGateway(func(paymentstest.Payment) paymentstest.Verdict {
			return paymentstest.Decline(s.decline, "declined by the sandbox")
		}))
	}
	if s.remoteClients {
		opts = append(opts, paymentstest.AllowRemoteClients())
	}
	if s.callbackHosts != "" {
		opts = append(opts, paymentstest.WithCallbackHosts(strings.Split(s.callbackHosts, ",")...))
	}
	return opts
}

// faults are what -failing chooses from.
var faults = []paymentstest.Fault{
	paymentstest.TooManyRequests(""),
	paymentstest.Respond(503, "<html><body>Service Unavailable</body></html>"),
	paymentstest.Refuse(500, 20500, "Internal Server Error").AfterCommit(),
	paymentstest.Reset(),
	paymentstest.Reset().AfterCommit(),
	paymentstest.HalfBody(),
}
