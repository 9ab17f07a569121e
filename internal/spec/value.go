package spec

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

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

func asString(v any, at pointer) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", at.errorf("must be a string, is %s", kindOf(v))
	}
	return s, nil
}

// scalar lets a string, a number or a boolean through. An object or a list in
// the place of one could carry anything, prose too.
func scalar(v any, at pointer) (any, error) {
	switch v.(type) {
	case string, bool, json.Number:
		return v, nil
	}
	return nil, at.errorf("must be a string, number or boolean, is %s", kindOf(v))
}

func anyString(v any, at pointer) (any, error) { return asString(v, at) }

// mapOf applies trim to each value of an object whose keys are names.
func mapOf(v any, at pointer, trim func(any, pointer) (any, error)) (map[string]any, error) {
	obj, err := asObject(v, at)
	if err != nil {
		return nil, err
	}
	out := make(map[string]any, len(obj))
	for _, name := range sortedKeys(obj) {
		if out[name], err = trim(obj[name], at.to(name)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// listOf applies trim to each element of a list.
func listOf(v any, at pointer, trim func(any, pointer) (any, error)) ([]any, error) {
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

// sortedKeys makes every walk, and so the first error of a bad document, the
// same on each run.
func sortedKeys(obj map[string]any) []string { return slices.Sorted(maps.Keys(obj)) }

// unknown decides about a key that no list names: an extension is left out,
// anything else is refused.
func unknown(key string, at pointer) error {
	if strings.HasPrefix(key, "x-") {
		return nil
	}
	return at.errorf("unknown keyword %q: decide whether it is a fact to keep or prose to drop", key)
}

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
