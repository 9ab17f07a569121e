package form

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// field is how one struct field is written.
type field struct {
	name   string
	index  int
	append func([]byte, string, reflect.Value) ([]byte, error)
}

// plans holds the fields of each request type, worked out once.
var plans sync.Map // reflect.Type → []field

// zeroer is what a value with a form of its own must be, so that none is not
// sent.
var zeroer = reflect.TypeFor[interface{ IsZero() bool }]()

// textAppender is what a list or value must be to have a form of its own.
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

// writerOf panics on a type it does not know: the generated types are fixed
// when the module is built, and a test walks all of them.
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
	panic(fmt.Sprintf("form: no way to write %s", t))
}
