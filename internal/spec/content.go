package spec

import "strings"

// content trims a map of media types, and their schemas with schema. It leaves out
// parameters such as a charset: the type's name decides how a body is read.
func content(v any, at pointer, schema trimFunc) (any, error) {
	return fields(v, at, func(out map[string]any, key string, v any, at pointer) (err error) {
		name, _, _ := strings.Cut(key, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := out[name]; twice {
			return at.errorf("media type %s is repeated", name)
		}
		out[name], err = mediaType(v, at, schema)
		return err
	})
}

func mediaType(v any, at pointer, schema trimFunc) (any, error) {
	return fields(v, at, func(out map[string]any, key string, v any, at pointer) (err error) {
		switch key {
		case "schema":
			out[key], err = schema(v, at)
		case "encoding":
			out[key], err = mapOf(v, at, encoding)
		case "example", "examples":
		default:
			err = unknown(key, at)
		}
		return err
	})
}

// encoding trims the encoding of one property of a form.
func encoding(v any, at pointer) (any, error) {
	return fields(v, at, func(out map[string]any, key string, v any, at pointer) (err error) {
		switch key {
		case "contentType", "style", "explode", "allowReserved":
			out[key], err = scalar(v, at)
		default:
			err = unknown(key, at)
		}
		return err
	})
}
