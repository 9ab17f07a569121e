// Package form encodes a generated request type as
// application/x-www-form-urlencoded. It works on the type by reflection: names come
// from the generated json tags, so a new field of the contract needs no code here.
package form

import (
	"encoding"
	"errors"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// FieldError says which field cannot be encoded, and why.
type FieldError struct {
	Field string
	Err   error
}

func (e *FieldError) Error() string { return e.Field + " " + e.Err.Error() }

// Unwrap returns the rule.
func (e *FieldError) Unwrap() error { return e.Err }

// ErrUTF8 is the rule for every text.
var ErrUTF8 = errors.New("must be valid UTF-8")

// Append appends the fields of the struct that params points to, in the order of
// the type. It leaves out empty text, zero, nil and empty lists; a boolean that is
// set is sent, also false.
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

// AppendPair appends one name and value, with an ampersand in front if needed.
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

// appendEach writes a list without an encoding of its own: one pair per element, as
// in the vendor's other forms.
func appendEach(b []byte, name string, v reflect.Value) ([]byte, error) {
	for i := range v.Len() {
		var err error
		if b, err = AppendPair(b, name, v.Index(i).String()); err != nil {
			return b, err
		}
	}
	return b, nil
}

// appendList writes a list that encodes itself as text.
func appendList(b []byte, name string, v reflect.Value) ([]byte, error) {
	if v.Len() == 0 {
		return b, nil
	}
	return appendText(b, name, v)
}

// appendValue writes parameters, which encode themselves as text and know whether
// they are empty.
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

// appendEscaped appends s escaped as in a browser's form: letters, digits and -_.~
// unchanged, a space as a plus, every other byte as %XX.
func appendEscaped[T string | []byte](b []byte, s T) []byte {
	const hex = "0123456789ABCDEF"
	plain := 0 // start of the bytes to append unchanged
	for i := range len(s) {
		c := s[i]
		if unescaped[c] {
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

// unescaped says for each byte whether it stays unchanged.
var unescaped = func() (is [256]bool) {
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~") {
		is[c] = true
	}
	return is
}()
