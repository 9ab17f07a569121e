package validator

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// needsBasic reports whether the operation, or by default the document, requires HTTP
// Basic. Any other scheme is an error, because it cannot be checked.
func needsBasic(doc *openapi3.T, o *openapi3.Operation) (bool, error) {
	required := doc.Security
	if o.Security != nil {
		required = *o.Security
	}
	for _, alternative := range required {
		for name := range alternative {
			scheme := doc.Components.SecuritySchemes[name]
			if scheme == nil || scheme.Value.Type != "http" || !strings.EqualFold(scheme.Value.Scheme, "basic") {
				return false, fmt.Errorf("security %s: only HTTP Basic is supported", name)
			}
		}
		if len(alternative) == 0 {
			return false, nil // no credentials is one of the alternatives
		}
	}
	return len(required) > 0, nil
}

// checkBasic requires exactly one Authorization header with the Basic scheme, in any
// case, whose base64 text has a colon.
func checkBasic(r *http.Request) *Violation {
	broken := &Violation{Where: WhereSecurity, Field: "Authorization", Kind: ErrSecurity}
	switch len(r.Header["Authorization"]) {
	case 0:
		broken.Rule = "is required"
		return broken
	case 1:
	default:
		broken.Rule = "is repeated"
		return broken
	}
	if _, _, ok := r.BasicAuth(); !ok {
		broken.Rule = "is not well-formed HTTP Basic"
		return broken
	}
	return nil
}
