package spec

// Trim reduces a full OpenAPI document to the operations CreatePayments and
// UpdatePayments and what they refer to. The document is JSON or YAML, OpenAPI 3.0 or
// the part of 3.1 that 3.0 can express. The package comment says what is kept, and in
// which form.
//
// kin-openapi has validated the result. Equal facts give equal bytes, and Trim returns
// a trimmed document unchanged. It does not modify doc.
//
// The error is one line. It names the problem: unreadable text, a version other than
// OpenAPI 3.0 and 3.1, an operation that is missing or defined twice, a $ref without a
// target, an unknown keyword, a value of the wrong kind, or what kin-openapi refused.
func Trim(doc []byte) ([]byte, error) {
	root, err := Decode(doc)
	if err != nil {
		return nil, err
	}
	rewrite, err := readable(root)
	if err != nil {
		return nil, err
	}
	t := &trimmer{root: root, rewrite: rewrite, schemas: map[string]any{}, hoisted: map[string]string{}, schemes: map[string]any{}}
	trimmed, err := t.document()
	if err != nil {
		return nil, err
	}
	out, err := encode(trimmed)
	if err != nil {
		return nil, err
	}
	if err := check(out, t.schemas); err != nil {
		return nil, err
	}
	return out, nil
}

// trimmer has the document being read and the components of the one being written.
type trimmer struct {
	root    map[string]any
	rewrite bool              // from OpenAPI 3.1
	schemas map[string]any    // components.schemas of the output
	hoisted map[string]string // schemas that we named, and their former component ("" for inline)
	wanted  []string          // schemas referred to and not yet trimmed
	schemes map[string]any    // components.securitySchemes of the output
}

func (t *trimmer) document() (map[string]any, error) {
	out, err := fields(t.root, "#", func(out map[string]any, key string, v any, at pointer) (err error) {
		switch key {
		case "openapi":
			if out[key] = v; t.rewrite {
				out[key] = version30
			}
		case "info":
			out[key], err = trimInfo(v, at)
		case "servers":
			err = putServers(out, v, at)
		case "paths":
			out[key], err = t.paths(v, at)
		case "components", "security": // taken from where they are used
		case "tags", "externalDocs":
		case "webhooks", "jsonSchemaDialect":
			if !t.rewrite {
				err = unknown(key, at)
			}
		default:
			err = unknown(key, at)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if out["paths"] == nil {
		return nil, operations[0].missing()
	}
	if err := t.trimWanted(); err != nil {
		return nil, err
	}
	if name, ok := recursion(t.schemas, true); ok {
		return nil, componentAt("schemas", name).errorf("schema %q is composed of itself", name)
	}
	if components := t.components(); len(components) > 0 {
		out["components"] = components
	}
	return out, nil
}

func (t *trimmer) components() map[string]any {
	components := map[string]any{}
	if len(t.schemas) > 0 {
		components["schemas"] = t.schemas
	}
	if len(t.schemes) > 0 {
		components["securitySchemes"] = t.schemes
	}
	return components
}

// trimInfo keeps title and version; the rest of info is prose.
func trimInfo(v any, at pointer) (any, error) {
	return fields(v, at, func(out map[string]any, key string, v any, at pointer) (err error) {
		switch key {
		case "title", "version":
			out[key], err = asString(v, at)
		case "description", "summary", "termsOfService", "contact", "license":
		default:
			err = unknown(key, at)
		}
		return err
	})
}
