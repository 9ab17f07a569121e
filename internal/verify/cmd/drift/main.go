// Command drift reports what a new vendor document means for this SDK.
//
//	drift -upstream <file or URL> [-base <file or URL>] [-root <dir>]
//
// The new document is trimmed and compared with the contract in the tree,
// openapi/payments.json, or with -base. The report says what changed, what
// changes in the Go API that is generated from it, which actions of the overlay
// no longer match, and what is left to write by hand; package drift says how it is
// made. No file of the tree is changed.
//
// The exit status is the verdict: 0 for no change and additive, 1 for breaking.
// It is 2, with one line on standard error, when there is no report: the flags
// are wrong, a document cannot be read or trimmed, or the tree itself does not
// generate and build.
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
