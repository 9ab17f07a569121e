package drift

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/pb33f/libopenapi"
	"gopkg.in/yaml.v3"
)

// document is an OpenAPI document as both tools read it: one text with one
// value per line, so that a line and a column name a place.
type document struct {
	tree  map[string]any
	text  []byte
	index index
	kin   *openapi3.T
	ids   map[string]string // of operations that have none here, by path and method
}

// newDocument returns a decoded document without its title and version, which
// are not compared: the vendor's version number covers its whole API.
func newDocument(tree map[string]any) (*document, error) {
	tree = maps.Clone(tree)
	tree["info"] = map[string]any{"title": "Twilio", "version": "1"}
	text, err := yaml.Marshal(node(tree))
	if err != nil {
		return nil, err
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, err
	}
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true // the lines, in the changes oasdiff reports
	kin, err := loader.LoadFromData(text)
	if err != nil {
		return nil, err
	}
	return &document{tree: tree, text: text, index: newIndex(root.Content[0]), kin: kin}, nil
}

// model is the document for what-changed, which keeps state in it: one model
// serves one comparison.
func (d *document) model() (libopenapi.Document, error) { return libopenapi.NewDocument(d.text) }

// node returns a decoded value as YAML with sorted keys. The YAML libraries
// cannot read all of the vendor's JSON.
func node(v any) *yaml.Node {
	switch v := v.(type) {
	case map[string]any:
		n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			n.Content = append(n.Content, node(key), node(v[key]))
		}
		return n
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, item := range v {
			n.Content = append(n.Content, node(item))
		}
		return n
	case string:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v}
	case json.Number:
		tag := "!!int"
		if strings.ContainsAny(v.String(), ".eE") {
			tag = "!!float"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: v.String()}
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(v)}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
}

// at returns the value at a path, or nil.
func (d *document) at(tokens ...string) any { return lookup(d.tree, tokens) }
