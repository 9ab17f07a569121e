// Command footprint measures what importing this SDK costs a program, compared
// with twilio-go: packages of other modules, lines of go.mod and go.sum,
// processor time of the build, size of the binary. Each program is a module of
// its own outside this repository and requires the SDK as a user's would.
//
//	go run ./cmd/footprint
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	sdk := flag.String("sdk", filepath.Join("..", ".."), "directory of the SDK")
	rounds := flag.Int("rounds", 3, "times each program is built; the median counts")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *sdk, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "footprint:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, sdk string, rounds int) error {
	sdk, err := filepath.Abs(sdk)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "footprint")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	programs, err := prepare(ctx, dir, sdk)
	if err != nil {
		return err
	}
	if err := build(ctx, dir, programs, rounds); err != nil {
		return err
	}
	fmt.Print(table(programs))
	return nil
}
