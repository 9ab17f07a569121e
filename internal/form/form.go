// Package form writes the fields of a generated request type as
// application/x-www-form-urlencoded. It is driven by the type: names come from
// the json tags the generator wrote, so a field that joins the contract is sent
// without a line of code here.
package form

import (
	"encoding"
	"errors"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// FieldError says which field has no form on the wire, and why.
type FieldError struct {
	Field string
	Err   error
}

func (e *FieldError) Error() string { return e.Field + " " + e.Err.Error() }

// Unwrap returns the rule.
func (e *FieldError) Unwrap() error { return e.Err }

// ErrUTF8 is the rule for all text.
var ErrUTF8 = errors.New("must be valid UTF-8")

// Append appends the fields of the struct that params points to, in the order
// of the type. Empty text, zero, nil and empty lists are absent; a boolean that
// is set is sent, false included.
func Append(b []byte, params any) ([]byte, error) {
	v := reflect.ValueOf(params).Elem()
	for _, f := range planOf(v.Type()) {
		var err error
		if b, err = f.append(b, f.name, v.Field(f.index)); err != nil {
			return b, &FieldError{Field: f.name, Err: err}
		}
	}
	return b, nil
}

// AppendPair appends one name and value, an ampersand before it where needed.
func AppendPair(b []byte, name, value string) ([]byte, error) {
	if !utf8.ValidString(name) || !utf8.ValidString(value) {
		return b, ErrUTF8
	}
	return appendEscaped(append(appendEscaped(separate(b), name), '='), value), nil
}

func appendString(b []byte, name string, v reflect.Value) ([]byte, error) {
	if v.Len() == 0 {
		return b, nil
	}
	return AppendPair(b, name, v.String())
}

func appendInt(b []byte, name string, v reflect.Value) ([]byte, error) {
	if v.Int() == 0 {
		return b, nil
	}
	return strconv.AppendInt(append(append(separate(b), name...), '='), v.Int(), 10), nil
}

func appendBool(b []byte, name string, v reflect.Value) ([]byte, error) {
	if v.IsNil() {
		return b, nil
	}
	return strconv.AppendBool(append(append(separate(b), name...), '='), v.Elem().Bool()), nil
}

// appendEach writes a list that has no form of its own, the name once for each
// element, as the vendor's forms do.
func appendEach(b []byte, name string, v reflect.Value) ([]byte, error) {
	for i := range v.Len() {
		var err error
		if b, err = AppendPair(b, name, v.Index(i).String()); err != nil {
			return b, err
		}
	}
	return b, nil
}

// appendList writes lists that know their own text.
func appendList(b []byte, name string, v reflect.Value) ([]byte, error) {
	if v.Len() == 0 {
		return b, nil
	}
	return appendText(b, name, v)
}

// appendValue writes parameters, which know their own text and when they are
// none.
func appendValue(b []byte, name string, v reflect.Value) ([]byte, error) {
	if v.Addr().Interface().(interface{ IsZero() bool }).IsZero() {
		return b, nil
	}
	return appendText(b, name, v)
}

func appendText(b []byte, name string, v reflect.Value) ([]byte, error) {
	var scratch [256]byte
	text, err := v.Addr().Interface().(encoding.TextAppender).AppendText(scratch[:0])
	if err != nil {
		return b, err
	}
	if !utf8.Valid(text) {
		return b, ErrUTF8
	}
	return appendEscaped(append(append(separate(b), name...), '='), text), nil
}

func separate(b []byte) []byte {
	if len(b) == 0 {
		return b
	}
	return append(b, '&')
}

// appendEscaped appends s as a browser's form would: letters, digits and -_.~
// as they are, a space as a plus, every other byte by its number.
func appendEscaped[T string | []byte](b []byte, s T) []byte {
	const hex = "0123456789ABCDEF"
	plain := 0 // where the bytes begin that go as they are
	for i := range len(s) {
		c := s[i]
		if asIs[c] {
			continue
		}
		b = append(b, s[plain:i]...)
		plain = i + 1
		if c == ' ' {
			b = append(b, '+')
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return append(b, s[plain:]...)
}

// asIs holds for each byte whether it stands for itself.
var asIs = func() (is [256]bool) {
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~") {
		is[c] = true
	}
	return is
}()
