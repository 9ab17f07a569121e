package spec

import (
	"net/http"
	"regexp"
	"strconv"
)

var statusKey = regexp.MustCompile(`^([1-5][0-9][0-9]|[1-5]XX|default)$`)

func (t *trimmer) responses(v any, at pointer) (any, error) {
	return fields(v, at, func(out map[string]any, key string, v any, at pointer) (err error) {
		if !statusKey.MatchString(key) {
			return unknown(key, at)
		}
		out[key], err = t.response(key, v, at)
		return err
	})
}

func (t *trimmer) response(status string, v any, at pointer) (any, error) {
	source, at, err := t.resolve(v, "responses", at)
	if err != nil {
		return nil, err
	}
	out, err := fields(source, at, func(out map[string]any, key string, v any, at pointer) (err error) {
		switch key {
		case "content":
			out[key], err = content(v, at, t.schema)
		case "description", "headers", "links":
		default:
			err = unknown(key, at)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out["description"] = statusText(status)
	return out, nil
}

// statusText replaces the description, which OpenAPI requires for a response.
func statusText(status string) string {
	if code, err := strconv.Atoi(status); err == nil {
		if text := http.StatusText(code); text != "" {
			return text
		}
	}
	return "Status " + status
}
