// Command trimspec writes the contract of this module: it trims Twilio's full
// OpenAPI document to the two Payments operations.
//
//	trimspec -in <file or URL> [-out openapi] [-source <url>] [-commit <hash>] [-date <day>]
//
// It writes payments.json, the trimmed document, and upstream.json, which records
// its origin: source, commit, date, and the SHA-256 of the full document. Package
// internal/spec describes what is kept, and in which form.
//
// A full document is recognized by its SHA-256. For a known one, -commit, -date and
// -source are optional and must match what is known. For any other, they are
// recorded as given; the default is empty, and for -source the URL that was read, if
// any. The known commit is never recorded for other bytes.
//
// An overlay.yaml in the -out directory must fit the new document: each of its
// actions that matches nothing is reported on its own line, with what to do.
//
// The exit status is 0 if both files were written, 1 with one line on standard error
// if the input is unusable, and 2 for wrong flags. Except with status 0, the files in
// the -out directory are unchanged.
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
