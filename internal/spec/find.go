package spec

import (
	"fmt"
	"regexp"
)

// operation says how to recognize one of the two operations, and how to name the
// schema of its request.
type operation struct {
	id      string
	request string
	form    string         // of its path, for error messages
	path    *regexp.Regexp // the same, for a document without operation ids
}

var operations = []operation{{
	id:      "CreatePayments",
	request: "CreatePaymentsRequest",
	form:    "/Calls/{CallSid}/Payments.json",
	path:    regexp.MustCompile(`/Calls/\{[^/{}]+\}/Payments\.json$`),
}, {
	id:      "UpdatePayments",
	request: "UpdatePaymentsRequest",
	form:    "/Calls/{CallSid}/Payments/{Sid}.json",
	path:    regexp.MustCompile(`/Calls/\{[^/{}]+\}/Payments/\{[^/{}]+\}\.json$`),
}}

var methods = []string{"delete", "get", "head", "options", "patch", "post", "put", "trace"}

// place is the location of an operation in a document.
type place struct{ path, method string }

func (p place) String() string { return fmt.Sprintf("%s %q", p.method, p.path) }

// find looks for an operation by its id, else by method and path.
func (o operation) find(paths map[string]any) (place, error) {
	found, byPath := o.candidates(paths)
	if len(found) == 0 {
		found = byPath
	}
	switch len(found) {
	case 0:
		return place{}, o.missing()
	case 1:
		return found[0], nil
	}
	return place{}, fmt.Errorf("operation %s is defined twice: %v and %v", o.id, found[0], found[1])
}

func (o operation) missing() error {
	return fmt.Errorf("no such operation: %s (neither by operationId nor as POST …%s)", o.id, o.form)
}

func (o operation) candidates(paths map[string]any) (byID, byPath []place) {
	for _, path := range sortedKeys(paths) {
		item, _ := paths[path].(map[string]any)
		for _, method := range methods {
			source, ok := item[method].(map[string]any)
			if !ok {
				continue
			}
			if source["operationId"] == o.id {
				byID = append(byID, place{path, method})
			}
			if method == "post" && o.path.MatchString(path) {
				byPath = append(byPath, place{path, method})
			}
		}
	}
	return byID, byPath
}
