package spec

import (
	"net/http"
	"regexp"
	"strconv"
)

func (t *trimmer) operation(op operation, shared []any, v any, at pointer) (any, error) {
	source, err := asObject(v, at)
	if err != nil {
		return nil, err
	}
	out := map[string]any{"operationId": op.id}
	var own []any
	security, securityAt := t.root["security"], pointer("#/security")
	for _, key := range sortedKeys(source) {
		v, at := source[key], at.to(key)
		var err error
		switch key {
		case "operationId": // ours is set, also over a renamed one found by its path
		case "deprecated":
			out[key], err = scalar(v, at)
		case "parameters":
			own, err = listOf(v, at, t.parameter)
		case "requestBody":
			out[key], err = t.requestBody(op, v, at)
		case "responses":
			out[key], err = t.responses(v, at)
		case "security":
			security, securityAt = v, at
		case "servers":
			err = putServers(out, v, at)
		case "tags", "summary", "description", "externalDocs":
		default:
			err = unknown(key, at)
		}
		if err != nil {
			return nil, err
		}
	}
	if parameters := mergeParameters(shared, own); len(parameters) > 0 {
		out["parameters"] = parameters
	}
	if security != nil {
		out["security"], err = t.security(security, securityAt)
	}
	return out, err
}

func (t *trimmer) requestBody(op operation, v any, at pointer) (any, error) {
	source, at, err := t.resolve(v, "requestBodies", at)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, key := range sortedKeys(source) {
		v, at := source[key], at.to(key)
		var err error
		switch key {
		case "required":
			out[key], err = scalar(v, at)
		case "content":
			out[key], err = mapOf(v, at, func(v any, at pointer) (any, error) {
				return t.mediaType(v, at, func(v any, at pointer) (any, error) {
					return t.hoistRequest(op.request, v, at)
				})
			})
		case "description":
		default:
			err = unknown(key, at)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

var statusKey = regexp.MustCompile(`^([1-5][0-9][0-9]|[1-5]XX|default)$`)

func (t *trimmer) responses(v any, at pointer) (any, error) {
	source, err := asObject(v, at)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, status := range sortedKeys(source) {
		at := at.to(status)
		if !statusKey.MatchString(status) {
			if err := unknown(status, at); err != nil {
				return nil, err
			}
			continue
		}
		if out[status], err = t.response(status, source[status], at); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (t *trimmer) response(status string, v any, at pointer) (any, error) {
	source, at, err := t.resolve(v, "responses", at)
	if err != nil {
		return nil, err
	}
	out := map[string]any{"description": statusText(status)}
	for _, key := range sortedKeys(source) {
		v, at := source[key], at.to(key)
		var err error
		switch key {
		case "content":
			out[key], err = mapOf(v, at, func(v any, at pointer) (any, error) {
				return t.mediaType(v, at, t.schema)
			})
		case "description", "headers", "links":
		default:
			err = unknown(key, at)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// statusText stands in for the description that OpenAPI requires of an answer.
func statusText(status string) string {
	if code, err := strconv.Atoi(status); err == nil {
		if text := http.StatusText(code); text != "" {
			return text
		}
	}
	return "Status " + status
}

// mediaType trims one entry of a content map; trimSchema handles its schema.
func (t *trimmer) mediaType(v any, at pointer, trimSchema func(any, pointer) (any, error)) (any, error) {
	source, err := asObject(v, at)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, key := range sortedKeys(source) {
		v, at := source[key], at.to(key)
		var err error
		switch key {
		case "schema":
			out[key], err = trimSchema(v, at)
		case "encoding":
			out[key], err = mapOf(v, at, encoding)
		case "example", "examples":
		default:
			err = unknown(key, at)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// encoding says how one property of a form travels: all of it is on the wire.
func encoding(v any, at pointer) (any, error) {
	source, err := asObject(v, at)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, key := range sortedKeys(source) {
		v, at := source[key], at.to(key)
		var err error
		switch key {
		case "contentType", "style", "explode", "allowReserved":
			out[key], err = scalar(v, at)
		default:
			err = unknown(key, at)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
