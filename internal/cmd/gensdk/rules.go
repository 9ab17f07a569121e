package main

import (
	"bytes"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

const formType = "application/x-www-form-urlencoded"

// rules generates the rules of path parameters and forms, and how much callbacks
// show of the caller's entries.
func (c *contract) rules() ([]byte, error) {
	var body bytes.Buffer
	needsRegexp := false
	field := func(name string, required bool, schema object) (string, error) {
		source, usesRegexp, err := c.field(name, required, schema)
		needsRegexp = needsRegexp || usesRegexp
		return source, err
	}
	seen := map[string]bool{}
	for _, path := range sorted(at(c.document, "paths")) {
		post := at(c.document, "paths", path, "post")
		parameters, _ := post["parameters"].([]any)
		for _, parameter := range parameters {
			p, _ := parameter.(object)
			name := text(p, "name")
			if p["in"] != "path" {
				return nil, fmt.Errorf("%s: parameter %s in %v: the client supports only path parameters and forms", path, name, p["in"])
			}
			if seen[name] {
				continue
			}
			seen[name] = true
			_, schema := c.resolve(at(p, "schema"))
			source, err := field(name, true, schema)
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(&body, "\n// %s is the rule of the path parameter.\nvar %s = rule.Field%s\n", name, name, source)
		}
	}
	for _, path := range sorted(at(c.document, "paths")) {
		post := at(c.document, "paths", path, "post")
		key, schema := c.resolve(at(post, "requestBody", "content", formType, "schema"))
		goName := text(schema, "x-go-name")
		if goName == "" {
			return nil, fmt.Errorf("%s: the request %s has no x-go-name", path, key)
		}
		required, _ := schema["required"].([]any)
		fmt.Fprintf(&body, "\n// %s are the rules of the form, in the order of its fields.\nvar %s = []rule.Field{\n", goName, goName)
		for _, name := range sorted(at(schema, "properties")) {
			_, property := c.resolve(at(schema, "properties", name))
			if items := at(property, "items"); len(items) > 0 {
				_, property = c.resolve(items)
			}
			source, err := field(name, slices.Contains(required, any(name)), property)
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(&body, "\t%s,\n", source)
		}
		body.WriteString("}\n")
	}
	if err := c.captures(&body); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString(header + "// Package rules holds the contract's rules for path parameters and form fields, as\n" +
		"// data. They are checked before a request is sent.\npackage rules\n\nimport (\n")
	if needsRegexp {
		b.WriteString("\t\"regexp\"\n\n")
	}
	b.WriteString("\t\"github.com/twiliopay/twiliopay-go/internal/rule\"\n)\n")
	b.Write(body.Bytes())
	return b.Bytes(), nil
}

// field returns the composite literal of one field's rules.
func (c *contract) field(name string, required bool, schema object) (source string, needsRegexp bool, err error) {
	parts := []string{fmt.Sprintf("Name: %q", name)}
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if required {
		add("Required: true")
	}
	if values, _ := schema["enum"].([]any); len(values) > 0 && schema["x-open-enum"] != true {
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = fmt.Sprintf("%q", fmt.Sprint(v))
		}
		add("Enum: []string{%s}", strings.Join(texts, ", "))
	}
	for key, goName := range map[string]string{"minLength": "MinLength", "maxLength": "MaxLength"} {
		if n := schema[key]; n != nil {
			add("%s: %v", goName, n)
		}
	}
	if pattern := text(schema, "pattern"); pattern != "" {
		source, usesRegexp, err := patternSource(pattern)
		if err != nil {
			return "", false, fmt.Errorf("%s: %w", name, err)
		}
		needsRegexp = usesRegexp
		add("Pattern: %s", source)
	}
	for key, goName := range map[string]string{"minimum": "Minimum", "maximum": "Maximum"} {
		if n := schema[key]; n != nil {
			value, ok := new(big.Rat).SetString(fmt.Sprint(n))
			if !ok {
				return "", false, fmt.Errorf("%s: %s %v is not a number", name, key, n)
			}
			decimal := strings.TrimSuffix(strings.TrimRight(value.FloatString(9), "0"), ".")
			exclusive := ""
			if schema["exclusive"+goName] == true {
				exclusive = ", Exclusive: true"
			}
			add("%s: rule.Bound{Value: %q%s}", goName, decimal, exclusive)
		}
	}
	if schema["format"] == "uri" {
		add("URL: true")
	}
	slices.Sort(parts[1:])
	return "{" + strings.Join(parts, ", ") + "}", needsRegexp, nil
}

// captures generates which parameter of a callback shows the caller's entry, and how
// much of it. A capture that is not in x-captures shows nothing.
func (c *contract) captures(b *bytes.Buffer) error {
	for _, key := range sorted(c.schemas) {
		schema := at(c.schemas, key)
		captures := at(schema, "x-captures")
		if len(captures) == 0 {
			continue
		}
		values, _ := schema["enum"].([]any)
		b.WriteString("\n// Captures says which parameter of a callback shows each field, and how much of it.\n" +
			"// Other fields may be secret and are hidden.\nvar Captures = map[string]rule.Shown{\n")
		for _, name := range sorted(captures) {
			if !slices.Contains(values, any(name)) {
				return fmt.Errorf("x-captures of %s: the contract no longer has the value %q; remove its line in openapi/overlay.yaml", key, name)
			}
			capture := at(captures, name)
			kinds := map[string]string{"all": "rule.ShowAll", "last 4": "rule.ShowLast4", "last 2": "rule.ShowLast2", "nothing": "rule.ShowNothing"}
			kind := kinds[text(capture, "shows")]
			if kind == "" || text(capture, "parameter") == "" {
				return fmt.Errorf("x-captures of %s: %s needs parameter, and shows: all, last 4, last 2 or nothing", key, name)
			}
			fmt.Fprintf(b, "\t%q: {Parameter: %q, Part: %s},\n", name, text(capture, "parameter"), kind)
		}
		b.WriteString("}\n")
	}
	for _, key := range sorted(c.schemas) {
		schema := at(c.schemas, key)
		clear, _ := schema["x-clear"].([]any)
		if len(clear) == 0 {
			continue
		}
		b.WriteString("\n// Clear lists the parameters of a callback that may be stored unchanged. Others are\n" +
			"// masked.\nvar Clear = map[string]bool{\n")
		for _, name := range clear {
			if at(schema, "properties")[fmt.Sprint(name)] == nil {
				return fmt.Errorf("x-clear of %s: the schema has no property %q", key, name)
			}
			fmt.Fprintf(b, "\t%q: true,\n", name)
		}
		b.WriteString("}\n")
	}
	return nil
}
