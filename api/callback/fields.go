package callback

import (
	"net/url"
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

// read fills the documented fields and Extra.
func (d *Details) read(f form) {
	fields := reflect.ValueOf(&d.StatusEvent).Elem()
	for _, p := range f {
		number, documented := fieldNumbers[p.key]
		if !documented {
			if d.Extra == nil {
				d.Extra = make(url.Values)
			}
			d.Extra[p.key] = append(d.Extra[p.key], p.value)
			continue
		}
		if d.mentioned&(1<<number) != 0 {
			continue
		}
		d.mentioned |= 1 << number
		switch field := fields.Field(number); field.Kind() {
		case reflect.String:
			field.SetString(p.value)
		default: // all others are dates
			*field.Addr().Interface().(*wire.Time) = readTime(p.value)
		}
	}
}

// mentions reports whether the callback had the parameter, be it empty.
func (d *Details) mentions(name string) bool { return d.mentioned&(1<<fieldNumbers[name]) != 0 }

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
