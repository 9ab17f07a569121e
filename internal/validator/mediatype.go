package validator

import (
	"mime"
	"net/http"
	"strings"
)

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// checkMediaType requires exactly one Content-Type, equal to want except for case and
// parameters; a charset must be UTF-8.
func checkMediaType(h http.Header, want string) *Violation {
	broken := &Violation{Where: WhereHeader, Field: "Content-Type", Kind: ErrMediaType}
	values := h["Content-Type"]
	switch {
	case len(values) == 0:
		broken.Rule = "is required"
		return broken
	case len(values) > 1:
		broken.Rule = "is repeated"
		return broken
	case values[0] == want:
		return nil
	}
	got, params, err := mime.ParseMediaType(values[0])
	if err != nil || got != want {
		broken.Rule = "is not " + want
		return broken
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		broken.Rule = "has a charset other than utf-8"
		return broken
	}
	return nil
}
