package spec

// putServers keeps a list of servers at its level, and leaves out an empty one.
func putServers(out map[string]any, v any, at pointer) error {
	servers, err := listOf(v, at, server)
	if err == nil && len(servers) > 0 {
		out["servers"] = servers
	}
	return err
}

func server(v any, at pointer) (any, error) {
	return fields(v, at, func(out map[string]any, key string, v any, at pointer) (err error) {
		switch key {
		case "url":
			out[key], err = scalar(v, at)
		case "variables":
			out[key], err = mapOf(v, at, serverVariable)
		case "description":
		default:
			err = unknown(key, at)
		}
		return err
	})
}

func serverVariable(v any, at pointer) (any, error) {
	return fields(v, at, func(out map[string]any, key string, v any, at pointer) (err error) {
		switch key {
		case "default":
			out[key], err = scalar(v, at)
		case "enum":
			out[key], err = listOf(v, at, anyString)
		case "description":
		default:
			err = unknown(key, at)
		}
		return err
	})
}
