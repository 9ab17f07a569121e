// Package overlay checks whether openapi/overlay.yaml fits a document of the vendor,
// before anything is generated or written. It reports which actions match nothing,
// their lines, what they were for, and what to do.
package overlay

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// Missed is an action that matches nothing in the document, or a value that it
// documents and the document lacks.
type Missed struct {
	Line   int
	Target string // JSONPath
	Since  string // x-since: the day its target was added to the vendor's document
	Value  string // of an enum; set if the target exists but the value does not
	Lacks  string // what the document lacks
	For    string // what the action was for
}

func (m Missed) String() string {
	since := ""
	if m.Since != "" {
		since = "; the vendor added it on " + m.Since
	}
	if m.Value != "" {
		return fmt.Sprintf("overlay.yaml:%d: %s no longer has the value %q. Remove its line under x-enum-docs; "+
			"removing its constant breaks users' code", m.Line, m.Target, m.Value)
	}
	return fmt.Sprintf("overlay.yaml:%d: target %s matches nothing: %s%s. It gave %s. If the vendor renamed it, "+
		"change the target; if the vendor removed it, remove the action", m.Line, m.Target, m.Lacks, since, m.For)
}

// Error lists everything that does not fit, one line each.
type Error []Missed

func (e Error) Error() string {
	lines := make([]string, len(e))
	for i, m := range e {
		lines[i] = m.String()
	}
	return fmt.Sprintf("the overlay does not fit the document in %s:\n%s", count(len(e), "place"), strings.Join(lines, "\n"))
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Apply applies the text of an overlay to a document, JSON or YAML, action by action.
// It returns the result as a YAML tree, or an [Error] that names the actions that
// match nothing. The document may be an older one: it may lack values that the
// overlay documents.
func Apply(text, document []byte) (*yaml.Node, error) {
	root, missed, _, err := apply(text, document)
	if err == nil && len(missed) > 0 {
		err = missed
	}
	return root, err
}

// Check returns an [Error] that names everything a new document lacks: targets of
// actions, and values that the overlay documents.
func Check(text, document []byte) error {
	_, missed, gone, err := apply(text, document)
	if missed = append(missed, gone...); err == nil && len(missed) > 0 {
		slices.SortStableFunc(missed, func(a, b Missed) int { return a.Line - b.Line })
		err = missed
	}
	return err
}

func apply(text, document []byte) (result *yaml.Node, missed, gone Error, err error) {
	var all overlay.Overlay
	if err := yaml.Unmarshal(text, &all); err != nil {
		return nil, nil, nil, fmt.Errorf("overlay.yaml: %w", err)
	}
	if err := all.Validate(); err != nil {
		return nil, nil, nil, fmt.Errorf("overlay.yaml: %w", err)
	}
	lines, err := linesOf(text)
	if err != nil {
		return nil, nil, nil, err
	}
	var root yaml.Node
	if err := yaml.Unmarshal(document, &root); err != nil {
		return nil, nil, nil, err
	}
	for i, action := range all.Actions {
		found, err := query(&all, action.Target, &root)
		if err != nil {
			return nil, nil, nil, fmt.Errorf("overlay.yaml:%d: target %s: %w", lines[i], action.Target, err)
		}
		m := Missed{Line: lines[i], Target: action.Target}
		m.Since, _ = action.Extensions["x-since"].(string)
		if len(found) == 0 {
			m.Lacks, m.For = Lacks(&all, action.Target, &root), purpose(&action.Update)
			missed = append(missed, m)
			continue
		}
		if name := collision(&action.Update, action.Target, found[0]); name != "" {
			return nil, nil, nil, fmt.Errorf("overlay.yaml:%d: the vendor's document now has its own component %q, which the overlay adds. "+
				"Rename the overlay's, or remove it and describe the vendor's", lines[i], name)
		}
		one := all
		one.Actions = []overlay.Action{action}
		if err := one.ApplyTo(&root); err != nil {
			return nil, nil, nil, fmt.Errorf("overlay.yaml:%d: target %s: %w", lines[i], action.Target, err)
		}
		for _, value := range goneValues(&action.Update, found[0]) {
			m.Value = value
			gone = append(gone, m)
		}
	}
	return &root, missed, gone, nil
}

// linesOf returns the lines on which the actions start.
func linesOf(text []byte) ([]int, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	var lines []int
	for _, action := range field(doc.Content[0], "actions").Content {
		lines = append(lines, action.Line)
	}
	return lines, nil
}

// goneValues returns the values that x-enum-docs documents and the enum lacks.
func goneValues(update, schema *yaml.Node) []string {
	docs, enum := field(update, "x-enum-docs"), field(schema, "enum")
	if docs == nil || enum == nil {
		return nil
	}
	gone := map[string]bool{}
	for i := 0; i < len(docs.Content); i += 2 {
		gone[docs.Content[i].Value] = true
	}
	for _, value := range enum.Content {
		delete(gone, value.Value)
	}
	return slices.Sorted(maps.Keys(gone))
}

// collision returns the name of a component that an action adds to the schemas
// although the document already has it.
func collision(update *yaml.Node, target string, schemas *yaml.Node) string {
	if target != "$.components.schemas" || update.Kind != yaml.MappingNode {
		return ""
	}
	for i := 0; i < len(update.Content); i += 2 {
		if name := update.Content[i].Value; field(schemas, name) != nil {
			return name
		}
	}
	return ""
}

// purpose describes what an update adds.
func purpose(update *yaml.Node) string {
	words := []struct{ key, what string }{
		{"x-go-name", "the Go name "}, {"x-go-type", "the Go type "}, {"type", "the type "}, {"minimum", "the minimum "},
		{"maximum", "the maximum "}, {"x-enum-docs", "documentation of the values"}, {"description", "documentation"},
		{"callbacks", "the status callbacks"}, {"responses", "the error response"},
	}
	var parts []string
	for _, w := range words {
		value := field(update, w.key)
		switch {
		case value == nil:
		case strings.HasSuffix(w.what, " "):
			parts = append(parts, w.what+value.Value)
		default:
			parts = append(parts, w.what)
		}
	}
	if len(parts) == 0 {
		return "other properties"
	}
	return strings.Join(parts, ", ")
}

// field returns the value of a mapping's key, or nil.
func field(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func query(o *overlay.Overlay, target string, root *yaml.Node) ([]*yaml.Node, error) {
	path, err := o.NewPath(target, nil)
	if err != nil {
		return nil, err
	}
	return path.Query(root), nil
}
