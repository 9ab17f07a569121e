package main

import (
	"cmp"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// settings are the values of flags and environment.
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
	hosts         string
	callbackHosts string
	maxSessions   int
	consoleToken  string
	json          bool
}

func readSettings(args []string, env func(string) string, output io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // errors are printed once, by main
	flags.StringVar(&s.addr, "addr", "127.0.0.1:4010", "address to listen on")
	flags.StringVar(&s.account, "account", paymentstest.DefaultAccountSID, "account SID")
	// With flags.Func, -h does not print the given token as a default value.
	setToken := func(value string) error { s.token = value; return nil }
	flags.Func("auth-token", "auth token that opens the account and signs callbacks (default "+paymentstest.DefaultAuthToken+", or random with -allow-remote-clients)", setToken)
	flags.Func("callback-token", "the same as -auth-token", setToken)
	fromEnv := flags.Bool("env-credentials", false, "use the account SID and auth token in TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, which are ignored otherwise")
	s.addWorld(flags, 150*time.Millisecond)
	flags.Uint64Var(&s.seed, "seed", 0, "seed of SIDs and random faults; 0 uses the time")
	flags.BoolVar(&s.json, "json", false, "print the addresses and the log as one JSON object per line")
	flags.BoolVar(&s.remoteClients, "allow-remote-clients", false, "allow a -addr that other machines can reach")
	flags.Func("console-token", "token that opens the page: 16 to 256 letters, digits, hyphens and underscores (default random; required for a page with -allow-remote-clients)",
		func(value string) error { s.consoleToken = value; return nil })
	flags.StringVar(&s.hosts, "hosts", "", "host names to accept from clients besides localhost, comma-separated, such as host.docker.internal")
	flags.IntVar(&s.maxSessions, "max-sessions", 10_000, "maximum number of open payment sessions")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		_, _ = fmt.Fprint(output, usage())
		flags.SetOutput(output)
		flags.PrintDefaults()
		return s, err
	case err != nil:
		return s, usageError{fmt.Errorf("%w (sandbox -h lists the flags)", err)}
	}
	s.seed = cmp.Or(s.seed, uint64(time.Now().UnixNano()))
	if *fromEnv {
		if err := s.readEnv(flags, env); err != nil {
			return s, usageError{err}
		}
	}
	if err := s.check(flags.Args()); err != nil {
		return s, usageError{err}
	}
	return s, nil
}

// worldFlags are the flags for settings that a scenario also has.
var worldFlags = []string{"caller", "failing", "live", "decline"}

// addWorld adds the flags about caller, gateway, faults and callbacks.
func (s *settings) addWorld(flags *flag.FlagSet, pace time.Duration) {
	flags.StringVar(&s.caller, "caller", "visa", "scripted caller: "+strings.Join(callerNames(), ", "))
	flags.DurationVar(&s.pace, "pace", pace, "time between the caller's keys")
	flags.Float64Var(&s.failing, "failing", 0, "share of requests that fail at random, 0 to 1, with 429, 500, 503, a reset connection or half a response")
	flags.BoolVar(&s.live, "live", false, "accept any valid card, not only test cards")
	flags.IntVar(&s.decline, "decline", 0, "decline every payment with this code, such as 64008")
	flags.StringVar(&s.callbackHosts, "callback-hosts", "", "hosts besides this machine to which callbacks may be sent, comma-separated")
}

// check returns an error that names the invalid flag and the rule.
func (s *settings) check(args []string) error {
	switch {
	case len(args) > 0:
		return fmt.Errorf("unexpected argument %q", args[0])
	case s.maxSessions < 1:
		return fmt.Errorf("-max-sessions must be at least 1")
	case s.consoleToken != "" && !tokenPattern.MatchString(s.consoleToken):
		return fmt.Errorf("-console-token must be 16 to 256 letters, digits, hyphens and underscores")
	}
	return s.checkWorld()
}

func (s *settings) checkWorld() error {
	switch {
	case !(s.failing >= 0 && s.failing <= 1): // not a number is neither
		return fmt.Errorf("-failing must be from 0 to 1")
	case s.pace < 0:
		return fmt.Errorf("-pace must not be negative")
	case !slices.Contains(callerNames(), s.caller):
		return fmt.Errorf("-caller must be one of %s", strings.Join(callerNames(), ", "))
	case s.decline != 0 && (s.decline < payments.CodeConfiguration || s.decline > payments.CodeConnectorNotApproved):
		return fmt.Errorf("-decline must be a code from %d to %d", payments.CodeConfiguration, payments.CodeConnectorNotApproved)
	}
	return nil
}

var tokenPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{16,256}$`)

// readEnv reads the credentials of the environment. They may be real, so this needs
// -env-credentials.
func (s *settings) readEnv(flags *flag.FlagSet, env func(string) string) error {
	for _, name := range []string{"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"} {
		if env(name) == "" {
			return fmt.Errorf("-env-credentials needs %s, which is not set", name)
		}
	}
	var given []string
	flags.Visit(func(f *flag.Flag) {
		if f.Name == "account" || f.Name == "auth-token" || f.Name == "callback-token" {
			given = append(given, "-"+f.Name)
		}
	})
	if given != nil {
		return fmt.Errorf("-env-credentials cannot be combined with %s", strings.Join(given, " and "))
	}
	s.account, s.token = env("TWILIO_ACCOUNT_SID"), env("TWILIO_AUTH_TOKEN")
	return nil
}

// options returns the server options for the settings.
func (s settings) options() []paymentstest.Option {
	opts := []paymentstest.Option{
		paymentstest.WithAddr(s.addr), paymentstest.WithCredentials(s.account, s.authToken()), paymentstest.WithSeed(s.seed), paymentstest.AllowCapitalBooleans(),
		paymentstest.WithHistory(1000), paymentstest.WithHistoryBytes(16 << 20), paymentstest.WithMaxSessions(s.maxSessions),
	}
	opts = append(opts, s.world()...)
	if s.remoteClients {
		opts = append(opts, paymentstest.AllowRemoteClients())
	}
	if s.hosts != "" {
		opts = append(opts, paymentstest.WithHosts(strings.Split(s.hosts, ",")...))
	}
	return opts
}

// world returns the options for the flags of [settings.addWorld], except the caller.
func (s settings) world() []paymentstest.Option {
	var opts []paymentstest.Option
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
	if s.callbackHosts != "" {
		opts = append(opts, paymentstest.WithCallbackHosts(strings.Split(s.callbackHosts, ",")...))
	}
	return opts
}

// authToken returns the given token. Without one it is the documented constant, or
// random if other machines can reach the sandbox.
func (s settings) authToken() string {
	switch {
	case s.token != "":
		return s.token
	case s.remoteClients:
		return strings.ToLower(rand.Text())
	}
	return paymentstest.DefaultAuthToken
}

// faults are the faults of -failing.
var faults = []paymentstest.Fault{
	paymentstest.TooManyRequests(""),
	paymentstest.Respond(503, "<html><body>Service Unavailable</body></html>"),
	paymentstest.Refuse(500, 20500, "Internal Server Error").AfterCommit(),
	paymentstest.Reset(),
	paymentstest.Reset().AfterCommit(),
	paymentstest.HalfBody(),
}
