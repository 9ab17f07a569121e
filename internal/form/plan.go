package form

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// field says how to write one struct field.
type field struct {
	name   string
	index  int
	append func([]byte, string, reflect.Value) ([]byte, error)
}

// plans caches the fields of each request type.
var plans sync.Map // reflect.Type → []field

// A value that encodes itself must be a zeroer, so that an empty one is not sent.
var zeroer = reflect.TypeFor[interface{ IsZero() bool }]()

// A list or value that encodes itself is a textAppender.
var textAppender = reflect.TypeFor[encoding.TextAppender]()

// Names returns the form names of the struct that params points to, in order.
func Names(params any) []string {
	plan := planOf(reflect.TypeOf(params).Elem())
	names := make([]string, len(plan))
	for i, f := range plan {
		names[i] = f.name
	}
	return names
}

func planOf(t reflect.Type) []field {
	if plan, ok := plans.Load(t); ok {
		return plan.([]field)
	}
	plan := make([]field, 0, t.NumField())
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		plan = append(plan, field{name: name, index: i, append: writerOf(t.Field(i).Type)})
	}
	plans.Store(t, plan)
	return plan
}

// writerOf panics for an unknown type: the generated types are fixed when the module
// is built, and a test covers all of them.
func writerOf(t reflect.Type) func([]byte, string, reflect.Value) ([]byte, error) {
	switch {
	case t.Kind() == reflect.String:
		return appendString
	case t.Kind() == reflect.Int:
		return appendInt
	case t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Bool:
		return appendBool
	case t.Kind() == reflect.Slice && reflect.PointerTo(t).Implements(textAppender):
		return appendList
	case t.Implements(zeroer) && reflect.PointerTo(t).Implements(textAppender):
		return appendValue
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		return appendEach
	}
	panic(fmt.Sprintf("form: cannot encode %s", t))
}
