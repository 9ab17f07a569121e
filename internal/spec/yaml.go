package spec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxNodes bounds the size of a YAML document with its aliases expanded. Twilio's
// document has about 40,000 values.
const maxNodes = 2_000_000

func decodeYAML(doc []byte) (map[string]any, error) {
	// The library reads YAML 1.2 but refuses this directive.
	doc = bytes.TrimPrefix(doc, []byte("%YAML 1.2\n"))
	var root yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(doc))
	if err := decoder.Decode(&root); err != nil {
		return nil, fmt.Errorf("neither JSON nor YAML: %s", oneLine(strings.TrimPrefix(err.Error(), "yaml: ")))
	}
	if err := decoder.Decode(new(yaml.Node)); err == nil {
		return nil, errors.New("the YAML text holds more than one document")
	}
	y := yamlReader{left: maxNodes}
	v, err := y.value(&root, 0)
	if err != nil {
		return nil, err
	}
	return asObject(v, "#")
}

// yamlReader builds the same values from YAML as decodeJSON from JSON.
type yamlReader struct{ left int }

func (y *yamlReader) value(n *yaml.Node, depth int) (any, error) {
	if y.left--; y.left < 0 {
		return nil, fmt.Errorf("the YAML text expands to more than %d values through aliases", maxNodes)
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("line %d: nested deeper than %d levels", n.Line, maxDepth)
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return y.value(n.Content[0], depth)
	case yaml.AliasNode:
		return y.value(n.Alias, depth+1)
	case yaml.MappingNode:
		return y.object(n, depth+1)
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			var err error
			if list[i], err = y.value(item, depth+1); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return yamlScalar(n)
}

func (y *yamlReader) object(n *yaml.Node, depth int) (any, error) {
	obj := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			return nil, fmt.Errorf("line %d: a key must be plain text, without merging (<<)", key.Line)
		}
		if _, twice := obj[key.Value]; twice { // keys are text in JSON: 201 and "201" are one
			return nil, fmt.Errorf("line %d: key %q is repeated in one object", key.Line, key.Value)
		}
		v, err := y.value(n.Content[i+1], depth)
		if err != nil {
			return nil, err
		}
		obj[key.Value] = v
	}
	return obj, nil
}

// yamlScalar reads a value by the rules of YAML 1.2, in which "yes" and dates are text.
// A number keeps its text if that is valid in JSON.
func yamlScalar(n *yaml.Node) (any, error) {
	switch n.Tag {
	case "!!str", "!!timestamp":
		return n.Value, nil
	case "!!null":
		return nil, nil
	case "!!bool":
		switch strings.ToLower(n.Value) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return n.Value, nil
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			return json.Number(n.Value), nil
		}
		var f float64
		if err := n.Decode(&f); err != nil || f != f || f > 1e300 || f < -1e300 {
			return nil, fmt.Errorf("line %d: %q is a number that JSON does not have", n.Line, n.Value)
		}
		return json.Number(strconv.FormatFloat(f, 'f', -1, 64)), nil
	}
	return nil, fmt.Errorf("line %d: JSON cannot express a value of kind %s", n.Line, n.Tag)
}
