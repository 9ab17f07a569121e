package keyword

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const formatDate = "date-time-rfc-2822"

// keywords is the table: for each keyword, the samples that test its rule. They keep
// every other rule of the schema.
var keywords map[string]func(Schema) []sample

func init() { // avoids an initialization cycle through Schema
	keywords = map[string]func(Schema) []sample{
		"type":                 types,
		"format":               formats,
		"enum":                 enums,
		"pattern":              patterns,
		"minLength":            shortest,
		"maxLength":            longest,
		"minimum":              least,
		"maximum":              most,
		"exclusiveMaximum":     most,
		"nullable":             nullable,
		"additionalProperties": further,
	}
}

func types(s Schema) []sample {
	switch s.text("type") {
	case "boolean":
		if s.json {
			return append(yes(true, false), no("true", 1.0)...)
		}
		return append(yes("true", "false"), no("yes", "1", "t", "TRUE", "null")...)
	case "integer":
		if s.json {
			return append(yes(7.0), no("7", 7.5, true)...)
		}
		return append(s.within("7"), no("7.5", "seven", "0x7", "+7", "7 ", "true")...)
	case "number":
		return append(s.within("7", "0.5", "12.00", "131072.01"), no("seven", "1,5", "0x1p-2", "+7", "7 ", "NaN", "true", "1_000")...)
	case "object":
		return append(yes(map[string]any{}), no("text", 1.0)...)
	}
	if s.json {
		return append(yes(s.good()), no(1.0, true, []string{}, map[string]any{})...)
	}
	if s.free() && !s.limited() {
		return yes(s.good(), "1", "true", "null", "a&b=c+d%e", "é💳\r\n\t")
	}
	return yes(s.good())
}

// within returns the numbers that are within the bounds.
func (s Schema) within(numbers ...string) (all []sample) {
	least, hasLeast := s.number("minimum")
	most, hasMost := s.number("maximum")
	for _, text := range numbers {
		n, err := strconv.ParseFloat(text, 64)
		if err == nil && (!hasLeast || n > least) && (!hasMost || n < most) {
			all = append(all, sample{text, true})
		}
	}
	return all
}

func formats(s Schema) []sample {
	switch s.text("format") {
	case "uri":
		return append(yes("https://pay.example.com:8443/a/b?c=d&e=f%20g", "http://127.0.0.1/"), no("not a url", "pay.example.com", "/status", "")...)
	case formatDate:
		return append(yes("Wed, 18 Dec 2019 20:02:01 +0000", "Sun, 1 Feb 2026 00:00:00 -0800"), no("yesterday", "2019-12-18T20:02:01Z")...)
	}
	return nil
}

func enums(s Schema) []sample {
	var all []sample
	open, _ := s.object["x-open-enum"].(bool)
	values := s.enum()
	for _, v := range values {
		all = append(all, yes(v)...)
		for _, near := range []string{strings.ToUpper(v), v + " ", " " + v, v + "x", v[1:]} {
			if !slices.Contains(values, near) {
				all = append(all, sample{near, open})
			}
		}
	}
	return all
}

func patterns(s Schema) []sample {
	first, last := example(s.text("pattern"))
	re := regexp.MustCompile(s.text("pattern"))
	all := yes(first, last)
	for _, at := range []int{0, 1, 2, len(first) / 2, len(first) - 1} {
		for _, wrong := range []string{"g", "G", "-", "/", ".", "é", "\n", "\x00", " "} {
			if at < len(first) {
				all = append(all, tried(re, first[:at]+wrong+first[at+1:])...)
			}
		}
	}
	return append(all, tried(re, strings.ToLower(first), first+"\n")...)
}

// tried returns the texts that a pattern refuses, as invalid samples. Whether the
// others are valid depends on other keywords.
func tried(re *regexp.Regexp, texts ...string) (all []sample) {
	for _, text := range texts {
		if !re.MatchString(text) {
			all = append(all, sample{text, false})
		}
	}
	return all
}

func shortest(s Schema) []sample {
	n, _ := s.number("minLength")
	if s.free() {
		if n < 2 { // an empty value is not sent
			return yes("é")
		}
		return append(yes(strings.Repeat("é", int(n))), no(strings.Repeat("é", int(n)-1))...)
	}
	text := s.good()
	if len(text) < int(n) {
		return nil
	}
	return append(yes(text), no(text[:int(n)-1], "")...)
}

func longest(s Schema) []sample {
	n, _ := s.number("maxLength")
	if s.free() {
		return append(yes(strings.Repeat("é", int(n))), no(strings.Repeat("é", int(n)+1))...)
	}
	text := s.good()
	return append(yes(text), no(text+strings.Repeat("0", max(int(n)-len(text), 0)+1))...)
}

func least(s Schema) []sample {
	n, _ := s.number("minimum")
	return append(yes(s.decimal(n), s.decimal(n+s.step())), no(s.decimal(n-s.step()), s.decimal(n-1))...)
}

// most uses both keywords of an upper bound.
func most(s Schema) []sample {
	n, _ := s.number("maximum")
	if exclusive, _ := s.object["exclusiveMaximum"].(bool); exclusive {
		return append(yes(s.decimal(n-s.step())), no(s.decimal(n), s.decimal(n+s.step()), s.decimal(n*10))...)
	}
	return append(yes(s.decimal(n)), no(s.decimal(n+s.step()), s.decimal(n*10))...)
}

func nullable(s Schema) []sample {
	if s.json {
		return yes(nil)
	}
	return nil
}

func further(s Schema) []sample {
	if allowed, ok := s.object["additionalProperties"].(bool); !ok || !allowed {
		return nil
	}
	return yes(map[string]any{"anything": []string{"at", "all"}})
}
