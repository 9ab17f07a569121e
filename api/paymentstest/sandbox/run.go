package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/scenario"
)

const runUsage = `usage: sandbox run [flags] FILE…

Plays scenarios without an application. The exit status is 0 if all expectations
are met, 1 if one is not, and 2 if a file is invalid. A FILE without an extension
is the name of a shipped scenario, such as happy-path. The format is described at
https://pkg.go.dev/github.com/twiliopay/twiliopay-go/api/paymentstest/scenario

`

// runScenarios plays scenarios, each on a server of its own.
func runScenarios(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	var (
		list    = flags.Bool("list", false, "list the shipped scenarios and exit")
		show    = flags.String("show", "", "print the file of the shipped scenario with this `name` and exit")
		junit   = flags.String("junit", "", "write the results to this `file` as JUnit XML")
		asJSON  = flags.Bool("json", false, "print one JSON object per line instead of text")
		verbose = flags.Bool("verbose", false, "print each step, and the server's log to standard error")
	)
	if err := parse(flags, args, stdout, runUsage); err != nil {
		return err
	}
	switch {
	case *list:
		for _, s := range scenario.Shipped() {
			_, _ = fmt.Fprintf(stdout, "%-22s %s\n", s.Name(), s.Title())
		}
		return nil
	case *show != "":
		text, err := scenario.Text(*show)
		if err != nil {
			return usageError{err}
		}
		_, err = stdout.Write(text)
		return err
	case flags.NArg() == 0:
		return usageError{fmt.Errorf("run needs a scenario file, or the name of a shipped scenario (sandbox run -list lists them)")}
	}
	var all []*scenario.Scenario
	for _, name := range flags.Args() {
		s, err := readScenario(name)
		if err != nil {
			return err
		}
		all = append(all, s)
	}
	p := player{stdout: stdout, verbose: *verbose}
	handler, _ := newLog(stdout, true)
	if *asJSON {
		p.log = slog.New(handler)
	}
	if *verbose {
		server, _ := newLog(stderr, *asJSON)
		p.server = slog.New(server)
	}
	reports, err := p.play(ctx, all)
	if err != nil {
		return err
	}
	if *junit != "" {
		if err := writeJUnit(*junit, reports, nil); err != nil {
			return err
		}
	}
	return p.sum(reports)
}

// player plays scenarios and prints the reports.
type player struct {
	stdout  io.Writer
	log     *slog.Logger // prints reports as JSON; nil for text
	server  *slog.Logger // the servers' log; nil for none
	verbose bool
}

func (p player) play(ctx context.Context, all []*scenario.Scenario) ([]*scenario.Report, error) {
	var reports []*scenario.Report
	for _, s := range all {
		r, err := p.one(ctx, s)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%s: interrupted", s.Name())
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name(), err)
		}
		reports = append(reports, r)
		if p.log != nil {
			logReport(p.log, r)
			continue
		}
		_, _ = io.WriteString(p.stdout, r.String())
		if p.verbose {
			for _, step := range r.Steps {
				_, _ = fmt.Fprintf(p.stdout, "        %s\n", step)
			}
		}
	}
	return reports, nil
}

func (p player) one(ctx context.Context, s *scenario.Scenario) (*scenario.Report, error) {
	opts := []paymentstest.Option{paymentstest.InMemory()}
	if p.server != nil {
		opts = append(opts, paymentstest.WithLogger(p.server))
	}
	srv, err := paymentstest.Start(opts...)
	if err != nil {
		return nil, err
	}
	defer srv.Close()
	return s.Run(ctx, srv)
}

// sum prints how many passed and returns the exit status.
func (p player) sum(reports []*scenario.Report) error {
	failed, took := 0, time.Duration(0)
	for _, r := range reports {
		took += r.Took
		if !r.Passed() {
			failed++
		}
	}
	if p.log != nil {
		p.log.Info("done", "passed", len(reports)-failed, "failed", failed)
	} else {
		_, _ = fmt.Fprintf(p.stdout, "%d passed, %d failed (%v)\n", len(reports)-failed, failed, took.Round(time.Millisecond))
	}
	if failed > 0 {
		return exitStatus(1)
	}
	return nil
}
