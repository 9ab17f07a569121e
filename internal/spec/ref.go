package spec

import "reflect"

func schemaRefTo(name string) any {
	return map[string]any{"$ref": "#/components/schemas" + string(pointer("").to(name))}
}

// schemaRef keeps a reference to a schema, alone, and asks for its target.
func (t *trimmer) schemaRef(ref any, at pointer) (any, error) {
	name, _, err := t.component(ref, "schemas", at)
	if err != nil {
		return nil, err
	}
	t.wanted = append(t.wanted, name)
	return schemaRefTo(name), nil
}

// wantedSchemas trims the schemas that are referred to, and those they refer
// to in turn.
func (t *trimmer) wantedSchemas() error {
	done := map[string]bool{}
	for len(t.wanted) > 0 {
		name := t.wanted[0]
		t.wanted = t.wanted[1:]
		if done[name] || t.hoisted[name] == name {
			continue
		}
		done[name] = true
		ref := "#/components/schemas" + string(pointer("").to(name))
		source, err := t.alias(ref)
		if err != nil {
			return err
		}
		trimmed, err := t.schema(source, pointer(ref))
		if err != nil {
			return err
		}
		if other, taken := t.schemas[name]; taken && !reflect.DeepEqual(other, trimmed) {
			return pointer(ref).errorf("component schema %s would stand for two different schemas", name)
		}
		t.schemas[name] = trimmed
	}
	return nil
}

// alias gives the component a reference names, after making sure that a chain
// of references that starts there comes to an end.
func (t *trimmer) alias(ref string) (any, error) {
	v := any(map[string]any{"$ref": ref})
	if _, _, _, err := t.resolveNamed(v, "schemas", pointer(ref)); err != nil {
		return nil, err
	}
	_, v, err := t.component(ref, "schemas", pointer(ref))
	return v, err
}

// resolve follows references of one kind until an object that is none.
func (t *trimmer) resolve(v any, kind string, at pointer) (map[string]any, pointer, error) {
	obj, _, at, err := t.resolveNamed(v, kind, at)
	return obj, at, err
}

// resolveNamed also gives the name of the component, "" when v was no
// reference.
func (t *trimmer) resolveNamed(v any, kind string, at pointer) (obj map[string]any, name string, _ pointer, err error) {
	seen := map[string]bool{}
	for {
		if obj, err = asObject(v, at); err != nil {
			return nil, "", at, err
		}
		ref, ok := obj["$ref"]
		if !ok {
			return obj, name, at, nil
		}
		if name, v, err = t.component(ref, kind, at.to("$ref")); err != nil {
			return nil, "", at, err
		}
		if seen[name] {
			return nil, "", at, at.errorf("$ref %q leads back to itself", ref)
		}
		seen[name] = true
		at = pointer("#/components").to(kind).to(name)
	}
}

// component gives the target of a reference to a component of one kind.
func (t *trimmer) component(ref any, kind string, at pointer) (name string, v any, err error) {
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
	if v, ok = named[name]; !ok {
		return "", nil, at.errorf("dangling $ref %q", text)
	}
	return name, v, nil
}
