package spec

import (
	"fmt"
	"regexp"
)

// operation says how one of the two operations is recognised and what the
// schema of its request is called.
type operation struct {
	id      string
	request string
	path    *regexp.Regexp // for a document without operation ids
	example string
}

var operations = []operation{
	{
		id:      "CreatePayments",
		request: "CreatePaymentsRequest",
		path:    regexp.MustCompile(`/Calls/\{[^/{}]+\}/Payments\.json$`),
		example: "/Calls/{CallSid}/Payments.json",
	},
	{
		id:      "UpdatePayments",
		request: "UpdatePaymentsRequest",
		path:    regexp.MustCompile(`/Calls/\{[^/{}]+\}/Payments/\{[^/{}]+\}\.json$`),
		example: "/Calls/{CallSid}/Payments/{Sid}.json",
	},
}

var methods = []string{"delete", "get", "head", "options", "patch", "post", "put", "trace"}

// place is where an operation stands in a document.
type place struct{ path, method string }

func missing(op operation) error {
	return fmt.Errorf("no such operation: %s (neither an operationId nor POST …%s)", op.id, op.example)
}

// find looks for an operation by its id, else by method and path.
func (op operation) find(paths map[string]any) (place, error) {
	byID, byPath := op.candidates(paths)
	found := byID
	if len(found) == 0 {
		found = byPath
	}
	switch len(found) {
	case 0:
		return place{}, missing(op)
	case 1:
		return found[0], nil
	}
	return place{}, fmt.Errorf("operation %s stands twice: %s %s and %s %s",
		op.id, found[0].method, found[0].path, found[1].method, found[1].path)
}

func (op operation) candidates(paths map[string]any) (byID, byPath []place) {
	for _, path := range sortedKeys(paths) {
		item, _ := paths[path].(map[string]any)
		for _, method := range methods {
			o, ok := item[method].(map[string]any)
			if !ok {
				continue
			}
			if o["operationId"] == op.id {
				byID = append(byID, place{path, method})
			}
			if method == "post" && op.path.MatchString(path) {
				byPath = append(byPath, place{path, method})
			}
		}
	}
	return byID, byPath
}
