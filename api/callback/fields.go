package callback

import (
	"reflect"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/generated"
)

// fieldNumbers maps each documented parameter to the field of the generated
// struct that holds it, so that a parameter the contract gains needs no code
// here. There are fewer than 64 of them, as a test shows.
var fieldNumbers = func() map[string]int {
	t := reflect.TypeFor[generated.StatusEvent]()
	numbers := make(map[string]int, t.NumField())
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		numbers[name] = i
	}
	return numbers
}()

// read fills the documented fields. Those that are hidden read f later, through
// one function, so f must not change.
func (e *Event) read(f form) {
	fields := reflect.ValueOf(&e.StatusEvent).Elem()
	values := func(i int) string { return f[i].value }
	for i, p := range f {
		number, documented := fieldNumbers[p.key]
		if !documented || e.mentioned&(1<<number) != 0 {
			continue
		}
		e.mentioned |= 1 << number
		field := fields.Field(number)
		if field.Kind() == reflect.String {
			field.SetString(p.value)
			continue
		}
		switch field := field.Addr().Interface().(type) {
		case *wire.Time:
			*field = readTime(p.value)
		case interface{ HideAt(func(int) string, int) }: // a wire.Hidden
			field.HideAt(values, i)
		}
	}
}

// mentions reports whether the callback had the parameter, be it empty.
func (e Event) mentions(name string) bool { return e.mentioned&(1<<fieldNumbers[name]) != 0 }

// readTime reads a date; callbacks have ISO 8601, unlike REST answers.
func readTime(s string) wire.Time {
	if s == "" {
		return wire.Time{}
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return wire.Time{Time: t}
	}
	t, _ := wire.ParseTime(s)
	return t
}
