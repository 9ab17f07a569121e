// Package rule checks a request against the bounds of the contract before it is
// sent. The bounds are data: package generated/rules holds them, written from
// the contract, so that a bound that joins or changes there is checked without a
// line of code here.
package rule

import (
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Field is what the contract says of one form field or path parameter.
type Field struct {
	Name      string // as the contract names it
	Required  bool
	Enum      []string // nil: any value
	MinLength int      // in characters
	MaxLength int      // in characters; 0 is no limit
	Pattern   Pattern  // nil: any text
	Minimum   Bound
	Maximum   Bound
	URL       bool // format uri: an address that Twilio requests
}

// Bound is a limit of a number, as decimal text. The zero Bound is none.
type Bound struct {
	Value     string
	Exclusive bool
}

// Pattern is a regular expression, or [Runs] where that says the same.
type Pattern interface{ MatchString(string) bool }

// Violation names a field and the rule it breaks, never its value.
type Violation struct{ Field, Rule string }

// Text returns the rule that a value breaks, or "". An empty value of a field
// that is not required is not sent, and breaks none.
func (f *Field) Text(value string) string {
	switch {
	case value == "" && !f.Required:
		return ""
	case f.URL && !isURL(value):
		return "must be an absolute http or https URL"
	case value == "" && f.Pattern == nil && f.Enum == nil:
		return "is required"
	case f.Enum != nil && !slices.Contains(f.Enum, value):
		return "must be " + List(f.Enum)
	case f.Pattern != nil && !f.Pattern.MatchString(value):
		return f.patternRule()
	case f.MinLength > 0 && utf8.RuneCountInString(value) < f.MinLength, f.MaxLength > 0 && utf8.RuneCountInString(value) > f.MaxLength:
		return f.lengthRule()
	case !f.Minimum.allowsAtLeast(value), !f.Maximum.allowsAtMost(value):
		return f.boundRule()
	}
	return ""
}

// isURL: what has the format uri in this API is an address that Twilio posts
// to, so a scheme and a host are needed beyond what the format asks for.
func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Hostname() != "" && (u.Scheme == "http" || u.Scheme == "https")
}

func (f *Field) patternRule() string {
	if d, ok := f.Pattern.(interface{ Describe() string }); ok {
		return "must be " + d.Describe()
	}
	if s, ok := f.Pattern.(interface{ String() string }); ok {
		return "must match " + s.String()
	}
	return "must match its pattern"
}

func (f *Field) lengthRule() string {
	least, most := strconv.Itoa(f.MinLength), strconv.Itoa(f.MaxLength)
	switch {
	case f.MinLength == f.MaxLength:
		return "must have " + most + " characters"
	case f.MaxLength == 0:
		return "must have at least " + least + " characters"
	case f.MinLength == 0:
		return "must have at most " + most + " characters"
	}
	return "must have " + least + " to " + most + " characters"
}

func (f *Field) boundRule() string {
	lower, upper := f.Minimum, f.Maximum
	least, most := "at least ", "at most "
	if lower.Exclusive {
		least = "above "
	}
	if upper.Exclusive {
		most = "below "
	}
	switch {
	case upper.Value == "":
		return "must be " + least + lower.Value
	case lower.Value == "":
		return "must be " + most + upper.Value
	case !lower.Exclusive && !upper.Exclusive:
		return "must be from " + lower.Value + " to " + upper.Value
	}
	return "must be " + least + lower.Value + " and " + most + upper.Value
}

// List writes values as a sentence does: a, b or c.
func List(values []string) string {
	if len(values) < 2 {
		return strings.Join(values, "")
	}
	last := len(values) - 1
	return strings.Join(values[:last], ", ") + " or " + values[last]
}

// Set is the rules of one request type, ready to check its values.
type Set struct{ fields []checked }

type checked struct {
	*Field
	index int
	check func(*Field, reflect.Value) string
}

// Compile matches the rules of the contract with the fields of T by their json
// names. It panics when one has no field: both are generated from one document.
func Compile[T any](fields []Field) *Set {
	t := reflect.TypeFor[T]()
	byName := map[string]int{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		byName[name] = i
	}
	set := &Set{fields: make([]checked, 0, len(fields))}
	for i := range fields {
		index, ok := byName[fields[i].Name]
		if !ok {
			panic("rule: " + t.Name() + " has no field " + fields[i].Name)
		}
		set.fields = append(set.fields, checked{&fields[i], index, checkOf(t.Field(index).Type)})
	}
	return set
}

// Check returns the first broken rule of each field of the struct that params
// points to, in the order of the contract, or nil.
func (s *Set) Check(params any) []Violation {
	var all []Violation
	v := reflect.ValueOf(params).Elem()
	for i := range s.fields {
		f := &s.fields[i]
		if broken := f.check(f.Field, v.Field(f.index)); broken != "" {
			all = append(all, Violation{f.Name, broken})
		}
	}
	return all
}
