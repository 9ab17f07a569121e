package drift

import (
	"encoding/json"
	"slices"
	"strings"
)

// rule explains why a change that a tool calls breaking does not break programs
// that use the SDK.
type rule struct {
	name, says string
	holds      func(*Report, Change) bool
}

// rules are the basis of the verdict besides the tools. They describe the SDK's
// own behavior: what it sends and what it accepts, whatever the document says.
// Each has a row in a test.
var rules = []rule{
	{"overlay-type", "the overlay sets this type itself", (*Report).typeHeld},
	{"overlay-bound", "the overlay keeps this bound already", (*Report).boundKept},
	{"may-be-left-out", "a program that sends the field may keep doing so", func(r *Report, c Change) bool {
		return r.inRequest(c) && c.place.keyword == "required" && c.Text == "optional now"
	}},
	{"body-is-sent", "the SDK sends a body with every request", func(_ *Report, c Change) bool {
		return strings.HasSuffix(c.Element, " request") && c.place.keyword == "required" ||
			strings.Contains(c.Text, "request body") && strings.Contains(c.Text, "required")
	}},
	{"responses-are-read-tolerantly", "the SDK takes a response with null, without a field, or outside such a bound", func(r *Report, c Change) bool {
		return r.inResponse(c) && slices.Contains(tolerated, c.place.keyword)
	}},
	{"responses-are-optional", "the SDK takes a response without the field", func(r *Report, c Change) bool {
		return r.inResponse(c) && c.place.keyword == "required"
	}},
	{"any-2xx", "the SDK takes every 2xx status with a session for success", func(r *Report, c Change) bool {
		return strings.Contains(c.Element, " response ") && c.place.keyword == "" && strings.HasPrefix(c.Text, "removed") && r.stillSucceeds(c)
	}},
	{"errors-need-no-schema", "the SDK reads errors by itself", func(_ *Report, c Change) bool {
		_, status, ok := strings.Cut(c.Element, " response ")
		return ok && !strings.HasPrefix(status, "2")
	}},
	{"names-in-braces", "the request goes to the same URL", func(_ *Report, c Change) bool {
		return c.place.isPath() && strings.HasPrefix(c.Text, "path parameter renamed")
	}},
	{"version", "the version of the format is no fact of the API", func(_ *Report, c Change) bool {
		return c.Element == "document" && c.place.keyword == "openapi"
	}},
	{"nothing-is-sent-as-null", "a form has no null", func(r *Report, c Change) bool {
		return r.inRequest(c) && c.place.keyword == "nullable"
	}},
}

// tolerated are the keywords of a response that the client ignores. A pattern
// is not among them: SIDs are checked.
var tolerated = []string{
	"nullable", "deprecated", "readOnly", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
	"format", "enum", "additionalProperties", "default",
}

// settle sets the rule, if any, by which a change that a tool calls breaking is
// not.
func (r *Report) settle() {
	for i := range r.Contract {
		c := &r.Contract[i]
		for _, rule := range rules {
			if rule.holds(r, *c) {
				c.Rule, c.Why = rule.name, rule.says
				break
			}
		}
	}
}

// Breaks reports whether users have to change their programs.
func (c Change) Breaks() bool { return c.Breaking && c.Rule == "" }

func (r *Report) typeHeld(c Change) bool {
	if c.place.keyword != "type" && c.place.keyword != "format" || r.inResponse(c) {
		return false
	}
	at := c.place.at.to(c.place.keyword)
	was, is := lookup(r.Before.merged, at), lookup(r.After.merged, at)
	return is != nil && equalJSON(was, is)
}

func equalJSON(a, b any) bool {
	x, err := json.Marshal(a)
	y, other := json.Marshal(b)
	return err == nil && other == nil && string(x) == string(y)
}

// boundKept reports whether the range that the SDK may send is at least as wide
// as before. A value has to be within the bounds of both the vendor and the
// overlay.
func (r *Report) boundKept(c Change) bool {
	if !r.inRequest(c) {
		return false
	}
	was, is := r.Before.bounds(c.place.at), r.After.bounds(c.place.at)
	switch c.place.keyword {
	case "minimum", "exclusiveMinimum":
		return !is.least.narrower(was.least)
	case "maximum", "exclusiveMaximum":
		return !is.most.narrower(was.most)
	case "minLength":
		return !is.shortest.narrower(was.shortest)
	case "maxLength":
		return !is.longest.narrower(was.longest)
	case "pattern":
		after := lookup(r.After.facts.tree, c.place.at.to("pattern"))
		return after == nil || equalJSON(after, lookup(r.Before.merged, c.place.at.to("pattern")))
	}
	return false
}

// bound is one end of a range. The sign is -1 for a lower end, so that the
// narrower bound always has the smaller n.
type bound struct {
	set       bool
	n         float64
	exclusive bool
}

func (b bound) narrower(than bound) bool {
	switch {
	case !b.set:
		return false
	case !than.set, b.n < than.n:
		return true
	}
	return b.n == than.n && b.exclusive && !than.exclusive
}

type bounds struct{ least, most, shortest, longest bound }

// bounds are the bounds of a value in the vendor's document and in ours.
func (r *Revision) bounds(at path) bounds {
	var all bounds
	for _, tree := range []map[string]any{r.facts.tree, r.merged} {
		schema, _ := lookup(tree, at).(map[string]any)
		for _, end := range []struct {
			to                 *bound
			keyword, exclusive string
			sign               float64
		}{
			{&all.least, "minimum", "exclusiveMinimum", -1}, {&all.most, "maximum", "exclusiveMaximum", 1},
			{&all.shortest, "minLength", "", -1}, {&all.longest, "maxLength", "", 1},
		} {
			number, ok := schema[end.keyword].(json.Number)
			if !ok {
				continue
			}
			n, _ := number.Float64()
			exclusive, _ := schema[end.exclusive].(bool)
			if b := (bound{true, end.sign * n, exclusive}); b.narrower(*end.to) {
				*end.to = b
			}
		}
	}
	return all
}

// inRequest and inResponse report on which side a schema is. A schema on both
// sides gets the stricter rules, those of requests.
func (r *Report) inRequest(c Change) bool  { return r.sideOf(c) == "requestBody" }
func (r *Report) inResponse(c Change) bool { return r.sideOf(c) == "responses" }

func (r *Report) sideOf(c Change) string {
	if len(c.place.at) < 3 || c.place.at[0] != "components" || c.place.at[1] != "schemas" {
		return ""
	}
	for _, side := range []string{"requestBody", "responses"} {
		for _, d := range []*document{r.Before.facts, r.After.facts} {
			if d.reached(side)[c.place.at[2]] {
				return side
			}
		}
	}
	return ""
}

// reached are the schemas that requests or responses refer to.
func (d *document) reached(side string) map[string]bool {
	seen := map[string]bool{}
	var visit func(v any)
	visit = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				visit(item)
			}
		case map[string]any:
			if ref, ok := v["$ref"]; ok && !seen[refName(ref)] {
				seen[refName(ref)] = true
				visit(d.at("components", "schemas", refName(ref)))
			}
			for _, item := range v {
				visit(item)
			}
		}
	}
	paths, _ := d.at("paths").(map[string]any)
	for _, item := range paths {
		methods, _ := item.(map[string]any)
		for _, operation := range methods {
			if operation, ok := operation.(map[string]any); ok {
				visit(operation[side])
			}
		}
	}
	return seen
}

// stillSucceeds reports whether an operation with a removed response has
// another 2xx response with the same content.
func (r *Report) stillSucceeds(c Change) bool {
	if len(c.place.at) < 2 {
		return false
	}
	_, status, _ := strings.Cut(c.Element, " response ")
	if !strings.HasPrefix(status, "2") {
		return false
	}
	at := c.place.at[:len(c.place.at)-1]
	content := lookup(r.Before.facts.tree, c.place.at.to("content"))
	responses, _ := lookup(r.After.facts.tree, at).(map[string]any)
	for _, other := range sortedKeys(responses) {
		if strings.HasPrefix(other, "2") && equalJSON(content, lookup(r.After.facts.tree, at.to(other).to("content"))) {
			return true
		}
	}
	return false
}
