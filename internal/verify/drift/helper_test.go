package drift_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/verify/drift"
)

const (
	root     = "../../.."
	contract = root + "/openapi/payments.json"
	overlay  = root + "/openapi/overlay.yaml"

	createPath = "/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Payments.json"
	updatePath = "/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Payments/{Sid}.json"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	text, err := readFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func readFile(name string) ([]byte, error) { return os.ReadFile(filepath.FromSlash(name)) }

// object is a decoded document, with shortcuts to what the tests change.
type object map[string]any

func (o object) in(keys ...string) object {
	for _, key := range keys {
		next, ok := o[key].(map[string]any)
		if !ok {
			panic(fmt.Sprintf("no object %s", key))
		}
		o = next
	}
	return o
}

func (o object) schema(name string) object  { return o.in("components", "schemas", name) }
func (o object) create() object             { return o.schema("CreatePaymentsRequest") }
func (o object) operation(at string) object { return o.in("paths", at, "post") }
func (o object) add(key string, item any)   { o[key] = append(slices.Clip(o.list(key)), item) }
func (o object) list(key string) []any      { items, _ := o[key].([]any); return items }
func (o object) remove(key string, item any) {
	o[key] = slices.DeleteFunc(o.list(key), func(v any) bool { return v == item })
}

// parameter is a parameter of an operation, by its index.
func (o object) parameter(i int) object { return o.list("parameters")[i].(map[string]any) }

// edited is a document with a change.
func edited(t testing.TB, name string, edit func(object)) []byte {
	t.Helper()
	var doc object
	if err := json.Unmarshal(read(t, name), &doc); err != nil {
		t.Fatal(err)
	}
	edit(doc)
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// contractLines writes changes as one line each: level, element, text, tools.
func contractLines(changes []drift.Change) []string {
	var lines []string
	for _, c := range changes {
		level := "compatible"
		switch {
		case c.Rule != "":
			level = "held"
		case c.Breaking:
			level = "breaking"
		}
		var tools []string
		for _, s := range c.Seen {
			tool := string(s.Tool)
			if s.Breaking {
				tool += "!"
			}
			tools = append(tools, tool)
		}
		lines = append(lines, fmt.Sprintf("%s | %s | %s | %s", level, c.Element, c.Text, strings.Join(tools, " ")))
	}
	return lines
}
