package payments

import (
	"errors"
	"maps"
	"net/url"
	"slices"

	"github.com/twiliopay/twiliopay-go/internal/form"
)

var errKnownField = errors.New("is a field the contract knows: set it in the parameters, not by WithExtraParams")

// appendExtra appends the fields of WithExtraParams, sorted by name.
func appendExtra(body []byte, params any, extra url.Values) ([]byte, error) {
	if len(extra) == 0 {
		return body, nil
	}
	known := form.Names(params)
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		if slices.Contains(known, name) {
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
