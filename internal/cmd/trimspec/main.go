// Command trimspec writes the contract of this module: it trims Twilio's full
// OpenAPI document to the two Payments operations.
//
//	trimspec -in <file or URL> [-out openapi] [-source <url>] [-commit <hash>] [-date <day>]
//
// It writes payments.json, the trimmed document, and upstream.json, which says
// what it was made from: source, commit, date, and the SHA-256 of the full
// document. What is kept and in which shape is described in package internal/spec.
//
// A full document is recognised by its SHA-256. For one that is known, commit,
// date and source need not be given, and may not be given differently. For any
// other, they are recorded as given; without -commit and -date as empty, and
// without -source as the URL that was read, or as empty for a file. The known
// commit is never recorded for other bytes.
//
// An overlay.yaml in the -out directory must fit the new document: each of its
// actions that matches nothing is reported in a line of its own, with what to do.
//
// The exit status is 0 when both files were written, 1 with one line on
// standard error when the input is not fit, and 2 for wrong flags. In the last
// two cases the files in the -out directory are as they were.
package main

import (
	"context"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
