package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/scenario"
)

// readScenario reads a scenario file or, if the name has no extension and no slash, a
// shipped scenario.
func readScenario(name string) (*scenario.Scenario, error) {
	read := scenario.Load
	if filepath.Ext(name) == "" && !strings.ContainsAny(name, `/\`) {
		read = scenario.Find
	}
	s, err := read(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usageError{fmt.Errorf("no such file: %s", name)}
	case err != nil:
		return nil, usageError{errors.New(strings.TrimPrefix(err.Error(), "scenario: "))}
	}
	return s, nil
}

// parse parses flags. On -h it prints the usage and returns [flag.ErrHelp]; other
// errors are usageErrors.
func parse(flags *flag.FlagSet, args []string, stdout io.Writer, usage string) error {
	flags.SetOutput(io.Discard) // errors are printed once, by main
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		_, _ = fmt.Fprint(stdout, usage)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return err
	case err != nil:
		return usageError{fmt.Errorf("%w (sandbox %s -h lists the flags)", err, flags.Name())}
	}
	return nil
}

// logReport writes a report as a log record.
func logReport(log *slog.Logger, r *scenario.Report) {
	if r.Passed() {
		log.Info("scenario passed", "scenario", r.Scenario, "title", r.Title, "took_ms", r.Took.Milliseconds())
		return
	}
	var failed []scenario.Check
	for _, c := range r.Checks {
		if !c.Passed {
			failed = append(failed, c)
		}
	}
	log.Error("scenario failed", "scenario", r.Scenario, "title", r.Title, "took_ms", r.Took.Milliseconds(), "checks", failed)
}
