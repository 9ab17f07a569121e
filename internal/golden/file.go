package golden

import (
	"embed"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

//go:embed testdata
var files embed.FS

// Request is a request as it is sent.
type Request struct {
	Method string
	Target string // of the request line: path and query, escaped as sent
	Header http.Header
	Body   string
}

// dropped are the headers that do not matter for the request and differ between
// machines.
var dropped = []string{"Host", "User-Agent", "Content-Length", "Accept-Encoding"}

// Requests returns the requests in the files, by the names of the cases.
func Requests() (map[string]Request, error) {
	entries, err := files.ReadDir("testdata")
	if err != nil {
		return nil, err
	}
	requests := map[string]Request{}
	for _, entry := range entries {
		text, err := files.ReadFile("testdata/" + entry.Name())
		if err != nil {
			return nil, err
		}
		r, err := parse(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Name(), err)
		}
		requests[strings.TrimSuffix(entry.Name(), ".http")] = r
	}
	return requests, nil
}

func parse(text string) (Request, error) {
	head, body, ok := strings.Cut(text, "\n\n")
	if !ok {
		return Request{}, fmt.Errorf("no empty line")
	}
	lines := strings.Split(head, "\n")
	method, target, ok := strings.Cut(lines[0], " ")
	if !ok {
		return Request{}, fmt.Errorf("no request line")
	}
	r := Request{Method: method, Target: target, Header: http.Header{}, Body: strings.TrimSuffix(body, "\n")}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	return r, nil
}

// text returns a request in the format of the files.
func text(r Request) string {
	var b strings.Builder
	b.WriteString(r.Method + " " + r.Target + "\n")
	var names []string
	for name := range r.Header {
		if !slices.Contains(dropped, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range r.Header[name] {
			b.WriteString(name + ": " + value + "\n")
		}
	}
	b.WriteString("\n" + r.Body + "\n")
	return b.String()
}
