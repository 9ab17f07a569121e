package payments

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/twiliopay/twiliopay-go/internal/form"
)

var (
	errKnownField = errors.New("is a field the contract knows: set it in the parameters, not by WithExtraParams")
	errNoName     = errors.New("must have names that are not empty")
)

// appendExtra appends the fields of WithExtraParams, sorted by name.
func (c *call) appendExtra(body []byte) ([]byte, error) {
	if c.extra == nil {
		return body, nil
	}
	extra, known := c.extra(), form.Names(c.params)
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		if name == "" {
			return body, &form.FieldError{Field: "WithExtraParams", Err: errNoName}
		}
		if slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) }) {
			return body, &form.FieldError{Field: name, Err: errKnownField}
		}
		for _, value := range extra[name] {
			var err error
			if body, err = form.AppendPair(body, name, value); err != nil {
				return body, &form.FieldError{Field: "WithExtraParams", Err: err}
			}
		}
	}
	return body, nil
}
