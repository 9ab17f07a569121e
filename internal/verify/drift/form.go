package drift

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// FormChange is a change of notation that the trimmer normalizes: it does not
// affect the generated code.
type FormChange struct {
	Text  string   // enum written in place moved to a component
	Where []string // what it happened to
	Seen  []Tool
}

// compareForm compares two documents as published, and returns what the
// comparison of their facts does not show.
func compareForm(older, newer *Revision) ([]FormChange, error) {
	before, err := older.form()
	if err != nil {
		return nil, err
	}
	after, err := newer.form()
	if err != nil {
		return nil, err
	}
	changes, err := compare(before, after)
	if err != nil {
		return nil, err
	}
	byText := map[string]*FormChange{}
	for _, c := range changes {
		text, where := formOf(before, after, c)
		if text == "" {
			continue
		}
		f := byText[text]
		if f == nil {
			f = &FormChange{Text: text}
			byText[text] = f
		}
		if !slices.Contains(f.Where, where) {
			f.Where = append(f.Where, where)
		}
		for _, s := range c.Seen {
			if !slices.Contains(f.Seen, s.Tool) {
				f.Seen = append(f.Seen, s.Tool)
			}
		}
	}
	var form []FormChange
	for _, text := range slices.Sorted(maps.Keys(byText)) {
		slices.Sort(byText[text].Where)
		slices.Sort(byText[text].Seen)
		form = append(form, *byText[text])
	}
	return form, nil
}

// formOf returns the kind of a change of notation, or "" for a change of facts.
func formOf(before, after *document, c Change) (text, where string) {
	verb := "changed"
	for _, v := range []string{"added", "removed"} {
		if strings.HasSuffix(c.Text, v) || strings.HasPrefix(c.Text, v) {
			verb = v
		}
	}
	element := mediaType.ReplaceAllString(c.Element, "")
	switch keyword := c.place.keyword; {
	case keyword == "" && strings.Contains(element, " header "):
		return "response header " + verb, element
	case keyword == "operationId":
		return "operation id " + verb, element
	case keyword == "example", keyword == "examples":
		return "example " + verb, element
	case keyword == "title", keyword == "tags":
		return strings.TrimSuffix(keyword, "s") + " " + verb, element
	case keyword == "description", keyword == "summary", keyword == "externalDocs", strings.HasPrefix(keyword, "x-"):
		return "prose or extension changed", element
	}
	was, is := before.at(c.place.at...), after.at(c.place.at...)
	switch {
	case has(was, "enum") && has(is, "$ref"):
		return "enum moved from its place to a component", strings.Replace(element, " request.", ".", 1)
	case has(was, "$ref") && has(is, "enum"):
		return "enum moved from a component to its place", strings.Replace(element, " request.", ".", 1)
	case has(was, "properties") && has(is, "$ref"):
		return "schema moved from its place to a component", element
	case has(was, "$ref") && has(is, "properties"):
		return "schema moved from a component to its place", element
	}
	return "", ""
}

func has(v any, key string) bool {
	m, _ := v.(map[string]any)
	return m[key] != nil
}

// mediaType is left out of names: an operation has one for each body.
var mediaType = regexp.MustCompile(` application/[a-z-]+`)
