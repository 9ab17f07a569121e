package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/twiliopay/twiliopay-go/internal/spec"
	"github.com/twiliopay/twiliopay-go/internal/verify/drift"
)

const usage = "usage: drift -upstream <file or URL> [-base <file or URL>] [-root <dir>]"

type settings struct{ upstream, base, root string }

// run is the whole command; it returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(stdout, usage)
		return 0
	}
	if err != nil {
		fmt.Fprintf(stderr, "drift: %s; %s\n", oneLine(err), usage)
		return 2
	}
	report, err := compare(ctx, s)
	if err == nil {
		err = report.Write(stdout)
	}
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "drift: %s\n", oneLine(err))
		return 2
	case report.Verdict() == drift.Breaking:
		return 1
	}
	return 0
}

func parse(args []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("drift", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.upstream, "upstream", "", "the new document: a file or an http(s) URL")
	flags.StringVar(&s.base, "base", "", "the document to compare with, instead of openapi/payments.json")
	flags.StringVar(&s.root, "root", ".", "the checkout, or a directory in it")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if s.upstream == "" {
		return s, errors.New("-upstream is required")
	}
	return s, nil
}

// compare loads both documents at the same time.
func compare(ctx context.Context, s settings) (*drift.Report, error) {
	root, err := drift.FindRoot(s.root)
	if err != nil {
		return nil, err
	}
	base, name := s.base, filepath.Base(s.base)
	if base == "" {
		base, name = filepath.Join(root, "openapi", "payments.json"), "openapi/payments.json"
	}
	var before, after *drift.Revision
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		before, err = load(ctx, root, name, base)
		if err == nil && s.base == "" {
			err = builds(before)
		}
		return err
	})
	group.Go(func() (err error) {
		after, err = load(ctx, root, filepath.Base(s.upstream), s.upstream)
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return drift.Compare(root, before, after)
}

func load(ctx context.Context, root, name, source string) (*drift.Revision, error) {
	text, err := spec.Read(ctx, nil, source)
	if err != nil {
		return nil, err
	}
	return drift.Load(ctx, root, name, text)
}

// builds keeps faults of the tree from being blamed on the new document.
func builds(r *drift.Revision) error {
	if err := r.Err(); err != nil {
		return err
	}
	if len(r.Code.Unbuilt) > 0 {
		return fmt.Errorf("the tree does not build as it is: %s", r.Code.Unbuilt[0])
	}
	return nil
}

// oneLine keeps the promise of one line also for names with a line break.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
