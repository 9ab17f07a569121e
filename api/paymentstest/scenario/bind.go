package scenario

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/twiliopay/twiliopay-go/internal/rule"
)

// Error is one problem of a scenario file.
type Error struct {
	File string
	Line int
	// Field is the path of the field, such as "caller.security-code[1]". It is empty
	// for the file as a whole.
	Field string
	// Problem is the rule with the allowed values. It never repeats text that could
	// be a caller's digits.
	Problem string
}

// Error returns "file:line: field: problem".
func (e *Error) Error() string {
	text := e.File + ":" + strconv.Itoa(e.Line) + ": "
	if e.Field != "" {
		text += e.Field + ": "
	}
	return text + e.Problem
}

// problems collects the errors of a file.
type problems struct {
	file string
	list []error
}

func (p *problems) add(line int, field, format string, args ...any) {
	p.list = append(p.list, &Error{p.file, line, field, fmt.Sprintf(format, args...)})
}

func (p *problems) err() error {
	slices.SortStableFunc(p.list, func(a, b error) int {
		return line(a) - line(b)
	})
	return errors.Join(p.list...)
}

func line(err error) int {
	if e := new(Error); errors.As(err, &e) {
		return e.Line
	}
	return 0
}

// binder is a type that reads itself from a node.
type binder interface {
	bind(n *node, field string, p *problems)
}

// bind sets v from a node. Fields have their json names.
func bind(n *node, field string, v reflect.Value, p *problems) {
	switch target := v.Addr().Interface().(type) {
	case binder:
		target.bind(n, field, p)
		return
	case json.Unmarshaler:
		if err := target.UnmarshalJSON(n.raw); err != nil {
			p.add(n.line, field, "%s", mismatch(err, v.Type()))
		}
		return
	case encoding.TextUnmarshaler:
		if n.kind != "text" {
			p.add(n.line, field, "must be text, not %s", n.kind)
		} else if err := target.UnmarshalText([]byte(n.text)); err != nil {
			p.add(n.line, field, "%v", err)
		}
		return
	}
	switch want := wanted(v.Kind()); {
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		bind(n, field, v.Elem(), p)
	case n.kind != want:
		p.add(n.line, field, "must be %s, not %s", want, n.kind)
	case v.Kind() == reflect.Struct:
		bindObject(n, field, v, namesOf(v.Type()), p)
	case v.Kind() == reflect.Map:
		bindMap(n, field, v, p)
	case v.Kind() == reflect.Slice:
		bindList(n, field, v, p)
	case v.Kind() == reflect.Bool:
		v.SetBool(n.truth)
	case v.Kind() == reflect.Int:
		i, err := strconv.Atoi(n.text)
		if err != nil {
			p.add(n.line, field, "must be a whole number")
		}
		v.SetInt(int64(i))
	case v.Kind() == reflect.String:
		v.SetString(n.text)
	}
}

// bindInto sets the value that target points to. Its type must not be a binder.
func bindInto(n *node, field string, target any, p *problems) {
	bind(n, field, reflect.ValueOf(target).Elem(), p)
}

// wanted returns the kind of node for a kind of Go value.
func wanted(k reflect.Kind) string {
	switch k {
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice:
		return "a list"
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a number"
	}
	return "text"
}

// mismatch describes an error of a type that decodes its own JSON.
func mismatch(err error, t reflect.Type) string {
	if e := new(json.UnmarshalTypeError); errors.As(err, &e) {
		if t.Kind() == reflect.Slice {
			return "must be a list of text values"
		}
		return "must be an object of text values"
	}
	return err.Error()
}

// bindObject sets the fields of a struct. A field whose name is empty is not
// allowed in the file.
func bindObject(n *node, field string, v reflect.Value, names []string, p *problems) {
	for _, m := range unique(n, field, p) {
		i := slices.Index(names, m.name)
		if i < 0 || m.name == "" {
			p.add(m.line, join(field, m.name), "unknown field: must be %s", oneOf(shown(names)))
			continue
		}
		bind(m.value, join(field, m.name), v.Field(i), p)
	}
}

// namesOf returns the json names of a struct's fields, "" for a field without one.
func namesOf(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		names[i], _, _ = strings.Cut(t.Field(i).Tag.Get("json"), ",")
	}
	return names
}

func shown(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "" })
}

// unique returns the members of an object without repeated names, which it reports.
func unique(n *node, field string, p *problems) []member {
	first := map[string]int{}
	var list []member
	for _, m := range n.members {
		if line, again := first[m.name]; again {
			p.add(m.line, join(field, m.name), "is given twice: first in line %d", line)
			continue
		}
		first[m.name] = m.line
		list = append(list, m)
	}
	return list
}

func bindMap(n *node, field string, v reflect.Value, p *problems) {
	v.Set(reflect.MakeMap(v.Type()))
	for _, m := range unique(n, field, p) {
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		bind(&node{line: m.line, kind: "text", text: m.name}, join(field, m.name), key, p)
		bind(m.value, join(field, m.name), value, p)
		v.SetMapIndex(key, value)
	}
}

func bindList(n *node, field string, v reflect.Value, p *problems) {
	v.Set(reflect.MakeSlice(v.Type(), len(n.items), len(n.items)))
	for i, item := range n.items {
		bind(item, field+"["+strconv.Itoa(i)+"]", v.Index(i), p)
	}
}

// isWord reports whether a text is a name that an error may repeat. Anything else
// may be a caller's digits.
func isWord(text string) bool {
	return text != "" && len(text) <= 40 && !strings.ContainsFunc(text, func(r rune) bool {
		return r != '-' && r != '_' && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

func join(field, name string) string {
	if !isWord(name) {
		name = "…"
	}
	if field == "" {
		return name
	}
	return field + "." + name
}

// oneOf lists values as in a sentence: a, b or c.
func oneOf[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return rule.List(texts)
}
