// Command show runs the tests of this module and prints what a reader wants to
// know of them: each package's verdict, the figures and tables that tests log
// with a leading bar, what failed, and what was skipped and why.
//
//	go run ./show ./...
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	command := exec.Command("go", append([]string{"test", "-count=1", "-json"}, args...)...)
	command.Stderr = os.Stderr
	events, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	skipped, err := show(events, out)
	if err != nil {
		return err
	}
	for _, why := range skipped {
		_, _ = fmt.Fprintln(out, "skipped: "+why)
	}
	if command.Wait() != nil {
		return errors.New("some tests failed")
	}
	return nil
}

// event is a line of go test -json.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

// show prints events and returns what was skipped.
func show(events io.Reader, out io.Writer) ([]string, error) {
	logged := map[string]*strings.Builder{} // what a test or package said so far
	var skipped []string
	for d := json.NewDecoder(events); ; {
		var e event
		if err := d.Decode(&e); errors.Is(err, io.EOF) {
			return skipped, nil
		} else if err != nil {
			return skipped, err
		}
		key := e.Package + " " + e.Test
		said := logged[key]
		if said == nil {
			said = &strings.Builder{}
			logged[key] = said
		}
		name := path.Base(e.Package)
		switch {
		case e.Action == "output":
			said.WriteString(e.Output)
			if _, row, found := strings.Cut(e.Output, ".go:"); found {
				if _, row, found = strings.Cut(row, ": |"); found {
					_, _ = fmt.Fprintf(out, "%-10s |%s", name, row)
				}
			}
		case e.Action == "fail" || e.Action == "build-fail":
			_, _ = fmt.Fprintf(out, "FAIL       %s %s\n%s", name, e.Test, said)
		case e.Action == "skip" && e.Test != "":
			if why := reason(e.Test, said.String()); !slices.Contains(skipped, why) {
				skipped = append(skipped, why)
			}
		case e.Action == "pass" && e.Test == "":
			_, _ = fmt.Fprintf(out, "ok         %-10s %v\n", name, time.Duration(e.Elapsed*float64(time.Second)).Round(100*time.Millisecond))
		}
	}
}

// reason finds what t.Skip was given, or else names the test.
func reason(test, said string) string {
	for line := range strings.Lines(said) {
		if _, why, found := strings.Cut(line, ".go:"); found {
			_, why, _ = strings.Cut(why, ": ")
			return strings.TrimSpace(why)
		}
	}
	return test
}
