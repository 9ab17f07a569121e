package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// names writes the aliases and constants that a package offers its users. What
// requests and sessions are made of belongs to payments; what only callbacks
// have belongs to callback, which also names the types that both share.
func (c *contract) names(pkg string) ([]byte, error) {
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(c.root, "generated/payments.gen.go"), nil, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	declared := declarations(file)
	sent, received := map[string]bool{}, map[string]bool{}
	for _, path := range sorted(at(c.document, "paths")) {
		post := at(c.document, "paths", path, "post")
		c.reach(at(post, "requestBody"), sent)
		for status, response := range at(post, "responses") {
			if strings.HasPrefix(status, "2") {
				c.reach(response, sent)
			}
		}
		c.reach(at(post, "callbacks"), received)
	}
	var b bytes.Buffer
	b.WriteString(header + "package " + pkg + "\n\nimport \"github.com/twiliopay/twiliopay-go/generated\"\n")
	for _, key := range sorted(c.schemas) {
		schema := at(c.schemas, key)
		name := text(schema, "x-go-name")
		d := declared[name]
		shared := sent[key] && received[key]
		switch {
		case d == nil:
			continue // no type of its own
		case pkg == "payments" && !sent[key], pkg == "callback" && !received[key]:
			continue
		case pkg == "callback" && schema["type"] == "object":
			continue // Event holds it
		}
		fmt.Fprintf(&b, "\n%s", d.doc)
		c.listFields(&b, name, schema)
		if shared && pkg == "callback" && len(d.values) > 0 {
			b.WriteString("//\n// Package payments names its values.\n")
		}
		fmt.Fprintf(&b, "type %s = generated.%s\n", name, name)
		if len(d.values) == 0 || shared && pkg == "callback" {
			continue
		}
		more := ""
		if schema["x-open-enum"] == true {
			more = " that are known; others may come"
		}
		fmt.Fprintf(&b, "\n// The values of [%s]%s.\nconst (\n", name, more)
		for _, v := range d.values {
			fmt.Fprintf(&b, "%s%s = generated.%s\n", v.doc, v.name, v.name)
		}
		b.WriteString(")\n")
	}
	return b.Bytes(), nil
}

// goTypes finds the component types in a Go type such as wire.SpaceList[CardType].
var goTypes = regexp.MustCompile(`\b[A-Z]\w*\b`)

// reach marks the components that v refers to, through others too.
func (c *contract) reach(v any, found map[string]bool) {
	mark := func(key string) {
		if _, ok := c.schemas[key]; ok && !found[key] {
			found[key] = true
			c.reach(c.schemas[key], found)
		}
	}
	switch v := v.(type) {
	case object:
		for key, inner := range v {
			switch s, _ := inner.(string); key {
			case "$ref":
				mark(strings.TrimPrefix(s, "#/components/schemas/"))
			case "x-go-type":
				for _, name := range goTypes.FindAllString(s, -1) {
					for key := range c.schemas {
						if text(at(c.schemas, key), "x-go-name") == name {
							mark(key)
						}
					}
				}
			default:
				c.reach(inner, found)
			}
		}
	case []any:
		for _, inner := range v {
			c.reach(inner, found)
		}
	}
}

// listFields lists the fields of a struct, each a link to its documentation.
func (c *contract) listFields(b *bytes.Buffer, goName string, schema object) {
	properties := at(schema, "properties")
	if len(properties) == 0 {
		return
	}
	required, _ := schema["required"].([]any)
	fields := c.fieldNames(goName)
	b.WriteString("//\n// Its fields:\n//\n")
	for _, name := range sorted(properties) {
		_, property := c.resolve(at(properties, name))
		words := firstSentence(text(property, "description"))
		switch {
		case property["x-client-fills"] == true:
			words = strings.TrimSuffix(words, ".") + "; made by the client when empty"
		case slices.Contains(required, any(name)):
			words = strings.TrimSuffix(words+", required", ".")
		}
		fmt.Fprintf(b, "//   - [generated.%s.%s] %s\n", goName, fields[name], words)
	}
}

// fieldNames are the Go names of a struct's fields by their json names.
func (c *contract) fieldNames(goName string) map[string]string {
	names := map[string]string{}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(c.root, "generated/payments.gen.go"), nil, parser.SkipObjectResolution)
	if err != nil {
		return names
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || spec.Name.Name != goName {
			return true
		}
		if fields, ok := spec.Type.(*ast.StructType); ok {
			for _, f := range fields.Fields.List {
				if _, tag, ok := strings.Cut(f.Tag.Value, `json:"`); ok && len(f.Names) == 1 {
					name, _, _ := strings.Cut(tag[:strings.IndexByte(tag, '"')], ",")
					names[name] = f.Names[0].Name
				}
			}
		}
		return false
	})
	return names
}

func firstSentence(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if before, _, ok := strings.Cut(s, ". "); ok {
		s = before
	}
	return strings.TrimSuffix(s, ".")
}

// declaration is a type of the generated package and its values.
type declaration struct {
	doc    string
	values []value
}

type value struct{ name, doc string }

// declarations are the exported types of a file and the constants of each.
func declarations(file *ast.File) map[string]*declaration {
	all := map[string]*declaration{}
	get := func(name string) *declaration {
		if all[name] == nil {
			all[name] = &declaration{}
		}
		return all[name]
	}
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range group.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				doc := spec.Doc
				if doc == nil {
					doc = group.Doc
				}
				get(spec.Name.Name).doc = comment(doc)
			case *ast.ValueSpec:
				if ident, ok := spec.Type.(*ast.Ident); ok && group.Tok == token.CONST && spec.Names[0].IsExported() {
					d := get(ident.Name)
					d.values = append(d.values, value{spec.Names[0].Name, comment(spec.Doc)})
				}
			}
		}
	}
	return all
}

// comment is a comment as it stands in the source.
func comment(group *ast.CommentGroup) string {
	var b strings.Builder
	if group != nil {
		for _, line := range group.List {
			b.WriteString(line.Text + "\n")
		}
	}
	return b.String()
}
