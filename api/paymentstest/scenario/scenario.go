package scenario

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// Scenario describes a payment: what the caller enters, what the gateway decides,
// which faults occur, and what the result must be. [Load], [Parse] and [Find] read
// one from a file; [FromJournal] records one from a run. It is immutable and safe
// for concurrent use.
type Scenario struct {
	name string
	file file
	pace time.Duration
}

// maxFile is the maximum size of a scenario file, in bytes.
const maxFile = 1 << 20

// Parse reads a scenario. Errors and reports contain the name, usually the file's
// path. The returned error joins one [*Error], with line and field, per problem.
func Parse(name string, text []byte) (*Scenario, error) {
	p := problems{file: name}
	s := &Scenario{name: strings.TrimSuffix(path.Base(filepath.ToSlash(name)), ".json")}
	if len(text) > maxFile {
		p.add(1, "", "the file is longer than %d bytes", maxFile)
		return nil, p.err()
	}
	n, line, err := readTree(bytes.TrimPrefix(text, []byte("\uFEFF"))) // some editors write a byte order mark
	if err != nil {
		p.add(line, "", "%v", err)
		return nil, p.err()
	}
	bindInto(n, "", &s.file, &p)
	if err := p.err(); err != nil {
		return nil, err
	}
	return s, nil
}

// Load reads a scenario from a file.
func Load(file string) (*Scenario, error) {
	f, err := os.Open(filepath.Clean(file))
	if err != nil {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1)) // a device has no end
	if err != nil {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	return Parse(file, text)
}

//go:embed shipped/*.json
var shipped embed.FS

// Shipped returns the scenarios that come with this package, by name.
func Shipped() []*Scenario {
	entries, err := shipped.ReadDir("shipped")
	if err != nil {
		panic(err) // it is embedded
	}
	list := make([]*Scenario, 0, len(entries))
	for _, e := range entries {
		s, err := Find(strings.TrimSuffix(e.Name(), ".json"))
		if err != nil {
			panic(err) // a test reads them all
		}
		list = append(list, s)
	}
	return list
}

// Find returns the shipped scenario with a name; see [Scenario.Name].
func Find(name string) (*Scenario, error) {
	text, err := Text(name)
	if err != nil {
		return nil, err
	}
	return Parse(name+".json", text)
}

// Text returns the file of a shipped scenario, including comments.
func Text(name string) ([]byte, error) {
	text, err := shipped.ReadFile("shipped/" + name + ".json")
	if err != nil {
		return nil, fmt.Errorf("scenario: no shipped scenario is named %q: must be %s", name, oneOf(names()))
	}
	return text, nil
}

func names() []string {
	entries, err := shipped.ReadDir("shipped")
	if err != nil {
		panic(err) // it is embedded
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".json")
	}
	return names
}

// Name returns the file's name without folder and extension.
func (s *Scenario) Name() string { return s.name }

// Title describes the scenario in a few words.
func (s *Scenario) Title() string { return string(s.file.Title) }

// Text returns the scenario as a file that [Parse] reads. Comments are not
// preserved.
func (s *Scenario) Text() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s.file); err != nil {
		panic(err) // cannot happen: what Parse reads can be encoded
	}
	return b.Bytes()
}

// WithPace returns the same scenario with a caller who waits for pace before each
// key, so that people can watch. The default is no wait.
func (s *Scenario) WithPace(pace time.Duration) *Scenario {
	paced := *s
	paced.pace = max(pace, 0)
	return &paced
}

// Options returns server options that play caller, gateway and faults for an
// application that sends the requests itself:
//
//	srv := paymentstest.NewServer(t, sc.Options()...)
//	… the application takes its payment …
//	report, err := sc.Check(ctx, srv)
//
// Each call plays the whole scenario: its first prompt for the card number gets
// the first action, and so on.
func (s *Scenario) Options() []paymentstest.Option {
	decide := gateway(s.file.Gateway)
	return []paymentstest.Option{
		paymentstest.WithCaller(s.play(context.Background())),
		paymentstest.WithGateway(func(p paymentstest.Payment) paymentstest.Verdict {
			v, _ := decide(p)
			return v
		}),
		paymentstest.WithFaults(s.file.Faults.injector()),
		paymentstest.WithDelivery(s.file.Faults.rule()),
	}
}
