package spec

// content trims a map of media types; schema says what becomes of their
// schemas.
func content(v any, at pointer, schema trimFunc) (any, error) {
	return mapOf(v, at, func(v any, at pointer) (any, error) {
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
	})
}

// encoding says how one property of a form travels.
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
