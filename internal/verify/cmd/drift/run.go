package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/twiliopay/twiliopay-go/internal/spec"
	"github.com/twiliopay/twiliopay-go/internal/verify/drift"
)

const usage = "usage: drift -upstream <file or URL> [-base <file or URL>] [-root <dir>] [-format text|json|markdown]"

type settings struct{ upstream, base, root, format string }

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
	start := time.Now()
	report, err := compare(ctx, s)
	if err == nil {
		err = write(report, s.format, stdout, time.Since(start))
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

func write(r *drift.Report, format string, w io.Writer, took time.Duration) error {
	switch format {
	case "json":
		return r.WriteJSON(w)
	case "markdown":
		return r.WriteMarkdown(w)
	}
	if err := r.Write(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nThis report took %.1f s.\n", took.Seconds())
	return err
}

func parse(args []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("drift", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.upstream, "upstream", "", "the new document: a file or an http(s) URL")
	flags.StringVar(&s.base, "base", "", "the document to compare with, instead of openapi/payments.json")
	flags.StringVar(&s.format, "format", "text", "text, json or markdown")
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
	switch s.format {
	case "text", "json", "markdown":
	default:
		return s, fmt.Errorf("-format must be text, json or markdown, not %q", s.format)
	}
	return s, nil
}

// compare loads both documents at the same time.
func compare(ctx context.Context, s settings) (*drift.Report, error) {
	root, err := drift.FindRoot(s.root)
	if err != nil {
		return nil, err
	}
	base, name := s.base, shortName(s.base)
	if base == "" {
		base, name = filepath.Join(root, "openapi", "payments.json"), "openapi/payments.json"
	}
	var before, after *drift.Revision
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		before, err = load(ctx, root, name, base, s.base != "")
		if err == nil && s.base == "" {
			err = builds(before)
		}
		return err
	})
	group.Go(func() (err error) {
		after, err = load(ctx, root, shortName(s.upstream), s.upstream, false)
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return drift.Compare(root, before, after)
}

// shortName is the name of a document in the report, without a URL's user and
// query, which may contain a secret.
func shortName(source string) string {
	if spec.IsURL(source) {
		source = spec.PublicURL(source)
	}
	return filepath.Base(source)
}

func load(ctx context.Context, root, name, source string, past bool) (*drift.Revision, error) {
	text, err := spec.Read(ctx, nil, source)
	if err != nil {
		return nil, err
	}
	if past {
		return drift.LoadPast(ctx, root, name, text)
	}
	return drift.Load(ctx, root, name, text)
}

// builds returns errors of the tree, which the new document does not cause.
func builds(r *drift.Revision) error {
	if err := r.Err(); err != nil {
		return err
	}
	if len(r.Code.Unbuilt) > 0 {
		return fmt.Errorf("the tree does not build as it is: %s", r.Code.Unbuilt[0])
	}
	return nil
}

// oneLine joins the lines of an error: names may have line breaks.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
