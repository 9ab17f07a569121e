package keyword

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// Schema is one resolved schema; json says whether its values are JSON or text.
type Schema struct {
	object
	json bool
}

// sample is a value and whether a keyword allows it. Values are text, or any JSON in
// the schema of a response.
type sample struct {
	value any
	valid bool
}

func yes(values ...any) (all []sample) {
	for _, v := range values {
		all = append(all, sample{v, true})
	}
	return all
}

func no(values ...any) (all []sample) {
	for _, v := range values {
		all = append(all, sample{v, false})
	}
	return all
}

// write returns a value as it is sent.
func (s Schema) write(value any) string {
	if text, ok := value.(string); ok && !s.json {
		return text
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // samples are text, numbers and booleans
	}
	return string(text)
}

func (s Schema) number(keyword string) (float64, bool) {
	n, ok := s.object[keyword].(float64)
	return n, ok
}

func (s Schema) text(keyword string) string {
	text, _ := s.object[keyword].(string)
	return text
}

func (s Schema) enum() (all []string) {
	values, _ := s.object["enum"].([]any)
	for _, v := range values {
		if text, ok := v.(string); ok {
			all = append(all, text)
		}
	}
	return all
}

// free reports whether every text is valid.
func (s Schema) free() bool {
	return s.text("type") == "string" && s.text("pattern") == "" && s.text("format") == "" && len(s.enum()) == 0
}

// good returns a value that breaks no rule.
func (s Schema) good() string {
	switch {
	case len(s.enum()) > 0:
		return s.enum()[0]
	case s.text("pattern") != "":
		text, _ := example(s.text("pattern"))
		return text
	case s.text("format") == "uri":
		return "https://pay.example.com/status"
	case s.text("format") == formatDate:
		return "Wed, 18 Dec 2019 20:02:01 +0000"
	}
	text := "some text"
	if n, ok := s.number("maxLength"); ok && len(text) > int(n) {
		text = text[:int(n)]
	}
	if n, ok := s.number("minLength"); ok && len(text) < int(n) {
		text += strings.Repeat("x", int(n)-len(text))
	}
	return text
}

// limited reports whether the length of a text is limited.
func (s Schema) limited() bool {
	_, short := s.number("minLength")
	_, long := s.number("maxLength")
	return short || long
}

// decimal returns a bound as a value with as few decimals as possible.
func (s Schema) decimal(n float64) any {
	if s.json {
		return n
	}
	if s.text("type") == "integer" || n == math.Trunc(n) {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return strings.TrimRight(strconv.FormatFloat(n, 'f', 4, 64), "0")
}

// step is the smallest difference between two values that the samples use.
func (s Schema) step() float64 {
	if s.text("type") == "integer" {
		return 1
	}
	return 0.01
}
