package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twiliopay/twiliopay-go/internal/verify/progress"
	"github.com/twiliopay/twiliopay-go/internal/verify/repo"
)

func main() {
	only := flag.String("run", "", "only mutations whose package, declaration or effect contains this text")
	part := flag.String("part", "1/1", "only a part of them: 2/6 is the second of six")
	workers := flag.Int("workers", runtime.NumCPU()/2+1, "mutations tried at a time")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "mutate: unknown argument %q; give a text with -run\n", flag.Arg(0))
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *only, *part, *workers); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run tries the mutations and prints the table. Its error names those that
// were missed or do not apply.
func run(ctx context.Context, out io.Writer, only, part string, workers int) error {
	chosen, err := choose(only, part)
	if err != nil {
		return err
	}
	root, err := repo.Root()
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	began, dir := time.Now(), filepath.Join(scratch, "module")
	if err := snapshot(root, dir); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "%d mutations, %d at a time. Each suite first runs without a mutation, which compiles it and takes up to three minutes.\n", len(chosen), workers)
	outcomes := tryAll(ctx, out, dir, scratch, chosen, workers)
	return report(out, outcomes, time.Since(began))
}

// choose returns the mutations to try.
func choose(only, part string) ([]Mutation, error) {
	var chosen []Mutation
	for _, m := range mutations() {
		if strings.Contains(m.String(), only) {
			chosen = append(chosen, m)
		}
	}
	var k, n int
	if _, err := fmt.Sscanf(part, "%d/%d", &k, &n); err != nil || k < 1 || k > n {
		return nil, fmt.Errorf("-part %s: want a part of all, like 2/6", part)
	}
	return chosen[len(chosen)*(k-1)/n : len(chosen)*k/n], nil
}

func tryAll(ctx context.Context, out io.Writer, dir, scratch string, chosen []Mutation, workers int) []Outcome {
	outcomes := make([]Outcome, len(chosen))
	next := make(chan int)
	var running sync.WaitGroup
	var printing sync.Mutex
	steps := progress.Start(len(chosen))
	sound := unmutated(ctx, dir)
	for range workers {
		running.Go(func() {
			for i := range next {
				own := filepath.Join(scratch, strconv.Itoa(i))
				if err := os.Mkdir(own, 0o755); err != nil {
					outcomes[i] = Outcome{Mutation: chosen[i], Err: err}
				} else {
					outcomes[i] = try(ctx, dir, own, chosen[i], sound)
				}
				printing.Lock()
				printRow(out, steps.Step(), outcomes[i])
				printing.Unlock()
			}
		})
	}
	for i := range chosen {
		next <- i
	}
	close(next)
	running.Wait()
	return outcomes
}

func printRow(out io.Writer, step string, o Outcome) {
	verdict := "MISSED"
	switch {
	case o.Err != nil:
		verdict = "BROKEN"
	case o.Caught:
		verdict = "caught"
	}
	_, _ = fmt.Fprintf(out, "%-21s %s  %-46s %-62s %s\n", step, verdict, o.Package+" "+o.Decl, o.Breaks, o.By)
}

func report(out io.Writer, outcomes []Outcome, took time.Duration) error {
	caught := 0
	var errs []error
	for _, o := range outcomes {
		switch {
		case o.Err != nil:
			errs = append(errs, fmt.Errorf("%v: %w", o.Mutation, o.Err))
		case o.Caught:
			caught++
		default:
			errs = append(errs, fmt.Errorf("%v: missed", o.Mutation))
		}
	}
	_, _ = fmt.Fprintf(out, "%d of %d mutations caught in %v\n", caught, len(outcomes), took.Round(time.Second))
	if len(outcomes) == 0 {
		errs = append(errs, errors.New("no mutation was chosen"))
	}
	return errors.Join(errs...)
}
