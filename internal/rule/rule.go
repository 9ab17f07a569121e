// Package rule checks a request against the contract's rules before it is sent. The
// rules are data, generated from the contract into package generated/rules, so a new
// or changed rule needs no code here.
package rule

import (
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Field has the contract's rules for one form field or path parameter.
type Field struct {
	Name      string // in the contract
	Required  bool
	Enum      []string // nil: any value
	MinLength int      // in characters
	MaxLength int      // in characters; 0: no limit
	Pattern   Pattern  // nil: any text
	Minimum   Bound
	Maximum   Bound
	URL       bool // format uri: a URL that Twilio requests
}

// Bound is a limit for a number, as decimal text. The zero Bound is no limit.
type Bound struct {
	Value     string
	Exclusive bool
}

// Pattern is a regular expression, or equivalent [Runs].
type Pattern interface{ MatchString(string) bool }

// Violation names a field and the rule it breaks, never its value.
type Violation struct{ Field, Rule string }

// Text returns the rule that a value breaks, or "". An empty value of an optional
// field is not sent and breaks no rule.
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

// isURL is stricter than the format uri: in this API, Twilio posts to the URL, so it
// needs an http scheme and a host.
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

// List joins values as in a sentence: a, b or c.
func List(values []string) string {
	if len(values) < 2 {
		return strings.Join(values, "")
	}
	last := len(values) - 1
	return strings.Join(values[:last], ", ") + " or " + values[last]
}

// Set has the rules of one request type, ready to check its values.
type Set struct{ fields []checked }

type checked struct {
	*Field
	index int
	check func(*Field, reflect.Value) string
}

// Compile matches the contract's rules with the fields of T by their json names. It
// panics if T lacks a field, because both are generated from the same document.
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
