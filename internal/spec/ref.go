package spec

import "reflect"

// schemaRef keeps only the reference to a schema, and adds its target to wanted.
func (t *trimmer) schemaRef(ref any, at pointer) (any, error) {
	name, _, err := t.component(ref, "schemas", at)
	if err != nil {
		return nil, err
	}
	t.wanted = append(t.wanted, name)
	return refTo("schemas", name), nil
}

// trimWanted trims the schemas that are referred to, directly or through others.
func (t *trimmer) trimWanted() error {
	done := map[string]bool{}
	for len(t.wanted) > 0 {
		name := t.wanted[0]
		t.wanted = t.wanted[1:]
		if done[name] || t.hoisted[name] == name {
			continue
		}
		done[name] = true
		if err := t.keepSchema(name, componentAt("schemas", name)); err != nil {
			return err
		}
	}
	return nil
}

func (t *trimmer) keepSchema(name string, at pointer) error {
	ref := refTo("schemas", name)
	if _, _, err := t.resolve(ref, "schemas", at); err != nil { // a chain of references must end
		return err
	}
	_, source, err := t.component(ref["$ref"], "schemas", at)
	if err != nil {
		return err
	}
	trimmed, err := t.schema(source, at)
	if err != nil {
		return err
	}
	return t.putSchema(name, trimmed, at)
}

// putSchema refuses two different schemas with one name, because one would be lost.
func (t *trimmer) putSchema(name string, schema any, at pointer) error {
	if other, taken := t.schemas[name]; taken && !reflect.DeepEqual(other, schema) {
		return at.errorf("schema %q would be two different schemas", name)
	}
	t.schemas[name] = schema
	return nil
}

// resolve follows references of one kind to an object that is not a reference.
func (t *trimmer) resolve(v any, kind string, at pointer) (map[string]any, pointer, error) {
	seen := map[pointer]bool{}
	for {
		obj, err := asObject(v, at)
		if err != nil {
			return nil, at, err
		}
		ref, ok := obj["$ref"]
		if !ok {
			return obj, at, nil
		}
		name, target, err := t.component(ref, kind, at.to("$ref"))
		if err != nil {
			return nil, at, err
		}
		v, at = target, componentAt(kind, name)
		if seen[at] {
			return nil, at, at.errorf("$ref %q refers to itself", ref)
		}
		seen[at] = true
	}
}

// component returns the target of a reference to a component of one kind.
func (t *trimmer) component(ref any, kind string, at pointer) (name string, target any, err error) {
	text, err := asString(ref, at)
	if err != nil {
		return "", nil, err
	}
	name, ok := splitRef(text, kind)
	if !ok {
		return "", nil, at.errorf("$ref %q is not of the form #/components/%s/<name>", text, kind)
	}
	components, _ := t.root["components"].(map[string]any)
	named, _ := components[kind].(map[string]any)
	if target, ok = named[name]; !ok {
		return "", nil, at.errorf("dangling $ref %q", text)
	}
	return name, target, nil
}
