// Command runtests runs the tests of modules and summarizes them: each package's
// result, the figures and tables that tests log with a leading bar, what
// failed, what was skipped and why, and the counts. With REQUIRE_ALL=1 in the
// environment, as in CI, a skipped test is a failure. The modules after the first
// run at the same time: those here wait for servers most of the time.
//
//	go run ./cmd/runtests [-modules=DIRECTORY,...] ARGUMENTS-OF-GO-TEST
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// required is the variable that turns skipped tests into failures.
const required = "REQUIRE_ALL"

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	modules := []string{"."}
	if len(args) > 0 {
		if slices.Contains([]string{"-h", "-help", "--help"}, args[0]) {
			_, err := fmt.Fprintln(out, "usage: runtests [-modules=DIRECTORY,...] ARGUMENTS-OF-GO-TEST\n\nRuns the tests of modules, and lists what failed and what was skipped.\nWith "+required+"=1 in the environment a skipped test is a failure.")
			return err
		}
		if list, ok := strings.CutPrefix(args[0], "-modules="); ok {
			modules, args = strings.Split(list, ","), args[1:]
		}
	}
	s := summary{out: out}
	s.test(modules[0], args)
	var others sync.WaitGroup
	for _, module := range modules[1:] {
		others.Go(func() {
			var text bytes.Buffer // printed when the module is done, so that lines of one stand together
			own := summary{out: &text}
			own.test(module, args)
			s.add(&own, text.String())
		})
	}
	others.Wait()
	return s.close(os.Getenv(required) != "")
}

// summary counts the tests of all modules.
type summary struct {
	mu                      sync.Mutex // in add
	out                     io.Writer
	passed, failed, skipped int
	broken                  bool     // the go command failed
	reasons                 []string // of what was skipped, each once
}

// add adds what another summary counted and printed.
func (s *summary) add(o *summary, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = io.WriteString(s.out, text)
	s.passed, s.failed, s.skipped, s.broken = s.passed+o.passed, s.failed+o.failed, s.skipped+o.skipped, s.broken || o.broken
	for _, why := range o.reasons {
		s.skip(why)
	}
}

func (s *summary) skip(why string) {
	if !slices.Contains(s.reasons, why) {
		s.reasons = append(s.reasons, why)
	}
}

// test runs the tests of one module.
func (s *summary) test(module string, args []string) {
	if err := s.run(module, args); err != nil {
		s.broken = true
		_, _ = fmt.Fprintf(s.out, "FAIL       module %s: %v\n", module, err)
	}
}

// run returns an error when the go command fails.
func (s *summary) run(module string, args []string) error {
	command := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	command.Dir, command.Stderr = module, os.Stderr
	events, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	if err := s.show(events); err != nil {
		return err
	}
	return command.Wait()
}

// close prints what was skipped and the counts. It returns an error when a test
// failed, no test ran, or a required test was skipped.
func (s *summary) close(all bool) error {
	for _, why := range s.reasons {
		_, _ = fmt.Fprintln(s.out, "skipped: "+why)
	}
	_, _ = fmt.Fprintf(s.out, "%d passed, %d failed, %d skipped\n", s.passed, s.failed, s.skipped)
	switch {
	case s.broken || s.failed > 0:
		return errors.New("some tests failed")
	case s.passed == 0:
		return errors.New("no test ran")
	case all && s.skipped > 0:
		return fmt.Errorf("%d tests were skipped, and %s is set: all of them must run here", s.skipped, required)
	}
	return nil
}

// event is a line of go test -json.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

// show prints events and counts them.
func (s *summary) show(events io.Reader) error {
	logged := map[string]*strings.Builder{} // what a test or package said so far
	for d := json.NewDecoder(events); ; {
		var e event
		if err := d.Decode(&e); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
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
					_, _ = fmt.Fprintf(s.out, "%-10s |%s", name, row)
				}
			}
		case e.Action == "build-output": // the compiler's, before the package fails
			_, _ = fmt.Fprint(s.out, e.Output)
		case e.Action == "fail":
			if e.Test != "" {
				s.failed++
			}
			_, _ = fmt.Fprintf(s.out, "FAIL       %s %s\n%s", name, e.Test, said)
		case e.Action == "skip" && e.Test != "":
			s.skipped++
			s.skip(reason(e.Test, said.String()))
		case e.Action == "pass" && e.Test != "":
			s.passed++
			delete(logged, key)
		case e.Action == "pass":
			_, _ = fmt.Fprintf(s.out, "ok         %-12s %v\n", name, time.Duration(e.Elapsed*float64(time.Second)).Round(100*time.Millisecond))
		}
	}
}

// reason returns the text given to t.Skip, or the test's name.
func reason(test, said string) string {
	for line := range strings.Lines(said) {
		if _, why, found := strings.Cut(line, ".go:"); found {
			_, why, _ = strings.Cut(why, ": ")
			return strings.TrimSpace(why)
		}
	}
	return test
}
