package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/scenario"
)

const execUsage = `usage: sandbox exec [flags] -- COMMAND [ARGUMENT…]

Serves a simulated Twilio on a free port while COMMAND runs, for example the tests
of an application. COMMAND gets TWILIO_BASE_URL, TWILIO_ACCOUNT_SID and
TWILIO_AUTH_TOKEN in its environment, without other Twilio credentials, region or
edge. Package payments reads the base URL itself. Twilio's own libraries need it
set, for example in Node:

  client.api.baseUrl = process.env.TWILIO_BASE_URL

Signals are forwarded to COMMAND and the processes it has started. When COMMAND has
ended, sandbox checks that it sent requests, that no call was charged twice, that
the contract allowed every request, and that every callback was accepted; with
-scenario also the expectations of the scenario.

The exit status is that of COMMAND, or 128 plus the number of the signal that ended
it. If COMMAND succeeds but a check fails, it is 1. It is 2 if a flag or the scenario
is invalid, 126 if COMMAND cannot be run, and 127 if it does not exist.

`

// execSettings are the flags of exec.
type execSettings struct {
	settings
	scenario string
	junit    string
	verbose  bool
	command  []string
}

func readExec(args []string, stdout io.Writer) (execSettings, error) {
	var s execSettings
	flags := flag.NewFlagSet("exec", flag.ContinueOnError)
	flags.StringVar(&s.scenario, "scenario", "", "take caller, gateway and faults from this `file`, or from a shipped scenario, and check its expectations")
	flags.StringVar(&s.junit, "junit", "", "write the results to this `file` as JUnit XML")
	flags.StringVar(&s.addr, "addr", "127.0.0.1:0", "address to listen on")
	flags.Uint64Var(&s.seed, "seed", 1, "seed of SIDs and random faults")
	flags.BoolVar(&s.json, "json", false, "print one JSON object per line instead of text, to standard error")
	flags.BoolVar(&s.verbose, "verbose", false, "print the server's log to standard error")
	s.addWorld(flags, 0)
	if err := parse(flags, args, stdout, execUsage); err != nil {
		return s, err
	}
	s.command = flags.Args()
	var given []string
	flags.Visit(func(f *flag.Flag) {
		if slices.Contains(worldFlags, f.Name) {
			given = append(given, "-"+f.Name)
		}
	})
	switch {
	case len(s.command) == 0:
		return s, usageError{errors.New("exec needs a command: sandbox exec [flags] -- COMMAND [ARGUMENT…]")}
	case s.scenario != "" && given != nil:
		return s, usageError{fmt.Errorf("-scenario cannot be combined with %s: the scenario sets that", strings.Join(given, " and "))}
	}
	if err := s.checkWorld(); err != nil {
		return s, usageError{err}
	}
	return s, nil
}

// execCommand runs a command with a server and checks its payments.
func execCommand(args []string, env []string, stdout, stderr *os.File) error {
	s, err := readExec(args, stdout)
	if err != nil {
		return err
	}
	var played *scenario.Scenario
	if s.scenario != "" {
		if played, err = readScenario(s.scenario); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	handler, _ := newLog(stderr, s.json)
	srv, err := s.start(ctx, played, slog.New(handler))
	if err != nil {
		return inFlagsError(err)
	}
	defer srv.Close()

	outcome, err := runCommand(s.command, environment(env, srv), stdout, stderr)
	if err != nil {
		return err
	}
	if played == nil {
		if played, err = scenario.Parse("exec", []byte(`{"title": "requests, callbacks and charges are in order"}`)); err != nil {
			return err
		}
	}
	report := check(ctx, played, srv)
	if s.json {
		slog.New(handler).Info("command ended", "status", outcome.status, "took_ms", outcome.took.Milliseconds(), "happened", happened(srv))
		logReport(slog.New(handler), report)
	} else {
		_, _ = fmt.Fprintf(stderr, "sandbox: %s; %s\n%s", outcome, happened(srv), report)
	}
	if s.junit != "" {
		err := writeJUnit(s.junit, []*scenario.Report{report}, &outcome)
		if err != nil && outcome.status == 0 {
			return err
		}
		if err != nil { // the command's exit status comes first
			_, _ = fmt.Fprintln(stderr, "sandbox:", err)
		}
	}
	switch {
	case outcome.status != 0:
		return exitStatus(outcome.status)
	case !report.Passed():
		return exitStatus(1)
	}
	return nil
}

// start starts the server. The options of a scenario replace those of the flags.
func (s execSettings) start(ctx context.Context, played *scenario.Scenario, log *slog.Logger) (*paymentstest.Server, error) {
	opts := []paymentstest.Option{
		paymentstest.WithAddr(s.addr), paymentstest.WithSeed(s.seed), paymentstest.AllowCapitalBooleans(),
	}
	if s.verbose {
		opts = append(opts, paymentstest.WithLogger(log))
	}
	opts = append(opts, s.world()...)
	if played != nil {
		opts = append(opts, played.WithPace(s.pace).Options()...)
	} else {
		opts = append(opts, paymentstest.WithCaller(caller(ctx, s.caller, s.pace)))
	}
	return paymentstest.Start(opts...)
}

// removedVariables would make a library call the real Twilio, or authenticate with
// credentials that the server does not know.
// Besides those that libraries read, applications name API keys in several ways.
var removedVariables = []string{
	"TWILIO_API_KEY", "TWILIO_API_SECRET", "TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET", "TWILIO_API_SID",
	"TWILIO_CLIENT_ID", "TWILIO_CLIENT_SECRET", "TWILIO_REGION", "TWILIO_EDGE",
}

// environment returns the command's environment: env, pointed at the server.
func environment(env []string, srv *paymentstest.Server) []string {
	own := map[string]string{
		"TWILIO_BASE_URL": local(srv.URL), "TWILIO_ACCOUNT_SID": srv.AccountSID(), "TWILIO_AUTH_TOKEN": srv.AuthToken(),
	}
	list := slices.DeleteFunc(slices.Clone(env), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		_, replaced := own[name]
		return replaced || slices.Contains(removedVariables, name)
	})
	for name, value := range own {
		list = append(list, name+"="+value)
	}
	return list
}

// lastCallbacks is how long pending callbacks may take after the command has ended.
const lastCallbacks = 10 * time.Second

func check(ctx context.Context, played *scenario.Scenario, srv *paymentstest.Server) *scenario.Report {
	ctx, cancel := context.WithTimeout(ctx, lastCallbacks)
	defer cancel()
	report, err := played.Check(ctx, srv)
	if err != nil {
		report.Checks = append(report.Checks, scenario.Check{Name: "callbacks delivered in time", Got: []string{strings.TrimPrefix(err.Error(), "paymentstest: ")}})
	}
	if len(srv.Requests()) == 0 {
		report.Checks = append(report.Checks, scenario.Check{Name: "requests sent", Got: []string{"the command sent no request: does it read TWILIO_BASE_URL?"}})
	}
	return report
}

// happened summarizes what the server has seen.
func happened(srv *paymentstest.Server) string {
	calls := map[string]bool{}
	for _, c := range srv.Callbacks() {
		calls[c.Event.CallSID] = true
	}
	return fmt.Sprintf("%s, %s, %s, %s, %s", several(len(calls), "call"), several(len(srv.Requests()), "request"),
		several(len(srv.Callbacks()), "callback"), several(len(srv.Charges()), "charge"), several(len(srv.Tokens()), "token"))
}

func several(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// commandOutcome is how a command ended.
type commandOutcome struct {
	name   string
	status int
	signal string // the signal that ended it, if any
	took   time.Duration
}

func (o commandOutcome) String() string {
	if o.signal != "" {
		return fmt.Sprintf("%s was ended by a signal (%s)", o.name, o.signal)
	}
	return fmt.Sprintf("%s exited with %d", o.name, o.status)
}

func (o commandOutcome) failure() *junitFailure {
	if o.status == 0 {
		return nil
	}
	return &junitFailure{o.String(), ""}
}

// notStarted prints why a command could not be started and returns the exit status
// that shells use.
func notStarted(name string, err error, stderr io.Writer) error {
	reason, code := err.Error(), 126
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		reason, code = "command not found", 127
	}
	_, _ = fmt.Fprintf(stderr, "sandbox: %s: %s\n", name, reason)
	return exitStatus(code)
}
