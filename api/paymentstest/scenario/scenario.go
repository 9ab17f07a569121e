package scenario

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// Scenario is a payment as it is to go: who answers and how, what the gateway
// decides, what breaks, and what must come out. It is read from a file by [Load],
// [Parse] or [Find], or made of a run by [FromJournal]. It does not change, and may
// be used by many goroutines at once.
type Scenario struct {
	name string
	file file
	pace time.Duration
}

// maxFile bounds a scenario's file.
const maxFile = 1 << 20

// Parse reads a scenario. The name stands in errors and reports: a path, or what
// else says where the text is from. All that is wrong with the text is in the
// error, each an [*Error] with line and field.
func Parse(name string, text []byte) (*Scenario, error) {
	p := problems{file: name}
	s := &Scenario{name: strings.TrimSuffix(path.Base(filepath.ToSlash(name)), ".json")}
	if len(text) > maxFile {
		p.add(1, "", "the file is longer than %d bytes", maxFile)
		return nil, p.err()
	}
	n, line, err := readTree(text)
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
	text, err := os.ReadFile(filepath.Clean(file))
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

// Find returns a scenario that comes with this package, by the name that
// [Scenario.Name] has.
func Find(name string) (*Scenario, error) {
	text, err := Text(name)
	if err != nil {
		return nil, err
	}
	return Parse(name+".json", text)
}

// Text returns the file of a scenario that comes with this package, with its
// comments: something to copy from.
func Text(name string) ([]byte, error) {
	text, err := shipped.ReadFile("shipped/" + name + ".json")
	if err != nil {
		return nil, fmt.Errorf("scenario: there is none called %q: those that come along are %s", name, oneOf(names()))
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

// Name is that of the file, without folder and extension.
func (s *Scenario) Name() string { return s.name }

// Title says in a few words what happens.
func (s *Scenario) Title() string { return s.file.Title }

// Text writes the scenario as a file that [Parse] reads. Comments of the file that
// it was read from are lost.
func (s *Scenario) Text() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s.file); err != nil {
		panic(err) // what was read can be written
	}
	return b.Bytes()
}

// WithPace returns the same scenario with a caller who waits for so long before
// each key, as somebody does whom people watch.
func (s *Scenario) WithPace(pace time.Duration) *Scenario {
	paced := *s
	paced.pace = max(pace, 0)
	return &paced
}

// Options make a server play caller, gateway and faults to an application that
// sends its requests itself:
//
//	srv := paymentstest.NewServer(t, sc.Options()...)
//	… the application takes its payment …
//	report := sc.Check(ctx, srv)
//
// Each call gets the whole scenario: its first request for a card number is
// answered with the first answer, and so on.
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
