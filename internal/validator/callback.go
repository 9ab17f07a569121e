package validator

import (
	"errors"
	"net/url"

	"github.com/getkin/kin-openapi/openapi3"
)

// addCallbacks adds the form of the operation's callbacks; all operations must have
// the same one.
func (v *Validator) addCallbacks(o *openapi3.Operation) error {
	for _, ref := range o.Callbacks {
		for _, item := range ref.Value.Map() {
			for _, callback := range item.Operations() {
				if callback.RequestBody == nil {
					return errors.New("callback: no body")
				}
				f, err := newForm(callback.RequestBody.Value.Content)
				if err != nil {
					return err
				}
				if v.callback != nil && v.callback.schema != f.schema {
					return errors.New("callback: differs from another operation's")
				}
				v.callback = f
			}
		}
	}
	return nil
}

// Callback checks the fields of a status callback. The error is nil or a
// [*Violation]; a document without callbacks allows none.
func (v *Validator) Callback(form url.Values) error {
	if v.callback == nil {
		return &Violation{Where: WherePath, Rule: "the document has no callbacks", Kind: ErrRoute}
	}
	if broken := v.callback.check(v.callback.present(form)); broken != nil {
		return broken
	}
	return nil
}

// present leaves out fields that are empty and optional.
func (f *form) present(values url.Values) url.Values {
	kept := make(url.Values, len(values))
	for name, texts := range values {
		if len(texts) != 1 || texts[0] != "" || f.required(name) {
			kept[name] = texts
		}
	}
	return kept
}

func (f *form) required(name string) bool {
	for _, r := range f.schema.Required {
		if r == name {
			return true
		}
	}
	return false
}
