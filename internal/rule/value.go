package rule

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// validator is a text type that validates itself, such as wire.Amount.
type validator interface{ Validate() error }

var validatorType = reflect.TypeFor[validator]()

// checkOf returns the check for values of a type. A zero value is not sent, and
// breaks a rule only if the field is required.
func checkOf(t reflect.Type) func(*Field, reflect.Value) string {
	switch {
	case t.Kind() == reflect.String && t.Implements(validatorType):
		return checkValid
	case t.Kind() == reflect.String:
		return checkText
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64 || t.Kind() == reflect.Int32:
		return checkInt
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		return checkList
	}
	return checkPresent
}

func checkText(f *Field, v reflect.Value) string { return f.Text(v.String()) }

func checkValid(f *Field, v reflect.Value) string {
	if v.Len() > 0 {
		if err := v.Addr().Interface().(validator).Validate(); err != nil {
			return err.Error()
		}
	}
	return f.Text(v.String())
}

func checkInt(f *Field, v reflect.Value) string {
	if v.Int() == 0 {
		return checkPresent(f, v)
	}
	if f.Minimum.Value == "" && f.Maximum.Value == "" {
		return ""
	}
	var scratch [20]byte
	text := string(strconv.AppendInt(scratch[:0], v.Int(), 10)) // stays on the stack
	if !f.Minimum.allowsAtLeast(text) || !f.Maximum.allowsAtMost(text) {
		return f.boundRule()
	}
	return ""
}

// checkList checks the elements; the contract's enum applies to them.
func checkList(f *Field, v reflect.Value) string {
	if f.Enum != nil {
		for i := range v.Len() {
			if !slices.Contains(f.Enum, v.Index(i).String()) {
				return "must hold only " + List(f.Enum)
			}
		}
	}
	return checkPresent(f, v)
}

func checkPresent(f *Field, v reflect.Value) string {
	if !f.Required {
		return ""
	}
	if z, ok := v.Interface().(interface{ IsZero() bool }); ok {
		if !z.IsZero() {
			return ""
		}
	} else if v.Kind() == reflect.Slice && v.Len() > 0 || v.Kind() != reflect.Slice && !v.IsZero() {
		return ""
	}
	return "is required"
}

func (b Bound) allowsAtLeast(value string) bool {
	if b.Value == "" {
		return true
	}
	c := compare(value, b.Value)
	return c > 0 || c == 0 && !b.Exclusive
}

func (b Bound) allowsAtMost(value string) bool {
	if b.Value == "" {
		return true
	}
	c := compare(value, b.Value)
	return c < 0 || c == 0 && !b.Exclusive
}

// compare compares two decimal numbers without rounding.
func compare(a, b string) int {
	switch signA, signB := sign(a), sign(b); {
	case signA != signB:
		return cmp.Compare(signA, signB)
	case signA == 0:
		return 0
	case signA < 0:
		return compareUnsigned(b[1:], a[1:])
	}
	return compareUnsigned(a, b)
}

func sign(s string) int {
	switch {
	case strings.Trim(s, "-0.") == "":
		return 0
	case s[0] == '-':
		return -1
	}
	return 1
}

func compareUnsigned(a, b string) int {
	wholeA, fractionA, _ := strings.Cut(a, ".")
	wholeB, fractionB, _ := strings.Cut(b, ".")
	wholeA, wholeB = strings.TrimLeft(wholeA, "0"), strings.TrimLeft(wholeB, "0")
	return cmp.Or(
		cmp.Compare(len(wholeA), len(wholeB)),
		strings.Compare(wholeA, wholeB),
		strings.Compare(strings.TrimRight(fractionA, "0"), strings.TrimRight(fractionB, "0")),
	)
}
