package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/twiliopay/twiliopay-go/internal/overlay"
	"github.com/twiliopay/twiliopay-go/internal/spec"
)

const usage = "usage: trimspec -in <file or URL> [-out openapi] [-source <url>] [-commit <hash>] [-date <day>]"

type settings struct {
	in, out string
	claim   spec.Claim
}

// run runs the command and returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s, err := parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stdout, usage)
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "trimspec: %s; %s\n", oneLine(err), usage)
		return 2
	}
	provenance, err := trim(ctx, s)
	if err != nil {
		fmt.Fprintf(stderr, "trimspec: %s\n", lines(err))
		return 1
	}
	fmt.Fprintf(stdout, "trimspec: wrote payments.json and upstream.json in %s (sha256 %s, commit %s)\n",
		s.out, provenance.SHA256, cmp.Or(provenance.Commit, "unknown"))
	return 0
}

func parse(args []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("trimspec", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.in, "in", "", "the full document: a file or an http(s) URL")
	flags.StringVar(&s.out, "out", "openapi", "the directory to write to")
	flags.StringVar(&s.claim.Source, "source", "", "where the document was published")
	flags.StringVar(&s.claim.Commit, "commit", "", "the commit of the document")
	flags.StringVar(&s.claim.Date, "date", "", "the date of that commit, as 2006-01-02")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if s.in == "" {
		return s, errors.New("-in is required")
	}
	return s, nil
}

// trim does everything that can fail before it writes the first file.
func trim(ctx context.Context, s settings) (spec.Provenance, error) {
	var none spec.Provenance
	doc, err := spec.Read(ctx, nil, s.in)
	if err != nil {
		return none, err
	}
	payments, err := spec.Trim(doc)
	if err != nil {
		return none, err
	}
	if err := fits(s.out, payments); err != nil {
		return none, err
	}
	provenance, err := spec.NewProvenance(doc, s.claim)
	if err != nil {
		return none, err
	}
	if provenance.Source == "" && spec.IsURL(s.in) {
		provenance.Source = spec.PublicURL(s.in)
	}
	upstream, err := provenance.JSON()
	if err != nil {
		return none, err
	}
	return provenance, writeBoth(s.out,
		file{name: "payments.json", data: payments},
		file{name: "upstream.json", data: upstream},
	)
}

// fits checks that the overlay in dir fits the new document, so that no contract is
// replaced by one from which nothing can be generated.
func fits(dir string, document []byte) error {
	text, err := os.ReadFile(filepath.Join(dir, "overlay.yaml")) // #nosec G304 -- below the directory that the maintainer names
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = overlay.Check(text, document)
	}
	return err
}

// lines returns an error as it is printed: one line, or one line for each misfit of
// an overlay.
func lines(err error) string {
	if misfit, ok := errors.AsType[overlay.Error](err); ok {
		return misfit.Error()
	}
	return oneLine(err)
}

// oneLine removes line breaks, which a file name may contain.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
