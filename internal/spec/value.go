package spec

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// trimFunc reduces one value of the document to its facts. at is its location, for
// errors.
type trimFunc func(v any, at pointer) (any, error)

// fieldFunc trims one keyword of an object: it puts facts into out, and returns
// unknown(key, at) for a keyword it does not know.
type fieldFunc func(out map[string]any, key string, v any, at pointer) error

// fields builds an object from the keywords of another.
func fields(v any, at pointer, field fieldFunc) (map[string]any, error) {
	source, err := asObject(v, at)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, key := range sortedKeys(source) {
		if err := field(out, key, source[key], at.to(key)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// mapOf applies trim to each value of an object whose keys are names; every name is a
// fact.
func mapOf(v any, at pointer, trim trimFunc) (map[string]any, error) {
	return fields(v, at, func(out map[string]any, name string, v any, at pointer) (err error) {
		out[name], err = trim(v, at)
		return err
	})
}

// listOf applies trim to each element of a list.
func listOf(v any, at pointer, trim trimFunc) ([]any, error) {
	list, err := asList(v, at)
	if err != nil {
		return nil, err
	}
	out := make([]any, len(list))
	for i, v := range list {
		if out[i], err = trim(v, at.index(i)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// unknown leaves out an extension and refuses any other keyword that is on no list.
func unknown(key string, at pointer) error {
	if strings.HasPrefix(key, "x-") {
		return nil
	}
	return at.errorf("unknown keyword %q: decide whether it is a fact to keep or prose to drop", key)
}

// scalar accepts a string, a number or a boolean. An object or a list in its place
// could hold anything, including prose.
func scalar(v any, at pointer) (any, error) {
	switch v.(type) {
	case string, bool, json.Number:
		return v, nil
	}
	return nil, at.errorf("must be a string, number or boolean, is %s", kindOf(v))
}

func anyString(v any, at pointer) (any, error) { return asString(v, at) }

func asString(v any, at pointer) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", at.errorf("must be a string, is %s", kindOf(v))
	}
	return s, nil
}

func asObject(v any, at pointer) (map[string]any, error) {
	obj, ok := v.(map[string]any)
	if !ok {
		return nil, at.errorf("must be an object, is %s", kindOf(v))
	}
	return obj, nil
}

func asList(v any, at pointer) ([]any, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, at.errorf("must be a list, is %s", kindOf(v))
	}
	return list, nil
}

// sortedKeys makes the order of a walk, and so the first error of a bad document, the
// same in every run.
func sortedKeys(obj map[string]any) []string { return slices.Sorted(maps.Keys(obj)) }

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case []any:
		return "a list"
	}
	return "an object"
}
