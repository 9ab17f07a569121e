package spec

// operation trims an operation; shared are its path's parameters. If the operation
// has no security, the document's applies.
func (t *trimmer) operation(o operation, shared []any, v any, at pointer) (any, error) {
	var own []any
	security, securityAt := t.root["security"], pointer("#/security")
	out, err := fields(v, at, func(out map[string]any, key string, v any, at pointer) (err error) {
		switch key {
		case "operationId": // set below, also for an operation found by its path
		case "deprecated":
			out[key], err = scalar(v, at)
		case "parameters":
			own, err = listOf(v, at, t.parameter)
		case "requestBody":
			out[key], err = t.requestBody(o, v, at)
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
		return err
	})
	if err != nil {
		return nil, err
	}
	out["operationId"] = o.id
	if parameters := mergeParameters(shared, own); len(parameters) > 0 {
		out["parameters"] = parameters
	}
	if security != nil {
		out["security"], err = t.security(security, securityAt)
	}
	return out, err
}

func (t *trimmer) requestBody(o operation, v any, at pointer) (any, error) {
	source, at, err := t.resolve(v, "requestBodies", at)
	if err != nil {
		return nil, err
	}
	hoist := func(v any, at pointer) (any, error) { return t.hoistRequest(o.request, v, at) }
	return fields(source, at, func(out map[string]any, key string, v any, at pointer) (err error) {
		switch key {
		case "required":
			out[key], err = scalar(v, at)
		case "content":
			out[key], err = content(v, at, hoist)
		case "description":
		default:
			err = unknown(key, at)
		}
		return err
	})
}
