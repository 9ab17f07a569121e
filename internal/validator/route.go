package validator

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// route is one path template and its operations by method.
type route struct {
	template string
	segments []segment
	methods  map[string]*operation
}

// segment is the part between two slashes of a template: literal text, or one
// parameter with literal text around it.
type segment struct {
	prefix, param, suffix string
}

func newRoute(template string) (route, error) {
	r := route{template: template, methods: map[string]*operation{}}
	rest, ok := strings.CutPrefix(template, "/")
	if !ok {
		return route{}, fmt.Errorf("path %s: does not start with a slash", template)
	}
	for text := range strings.SplitSeq(rest, "/") {
		s := segment{prefix: text}
		if before, after, ok := strings.Cut(text, "{"); ok {
			s.prefix = before
			if s.param, s.suffix, ok = strings.Cut(after, "}"); !ok || s.param == "" {
				return route{}, fmt.Errorf("path %s: bad parameter", template)
			}
		}
		if strings.ContainsAny(s.prefix+s.suffix, "{}") {
			return route{}, fmt.Errorf("path %s: more than one parameter between slashes", template)
		}
		r.segments = append(r.segments, s)
	}
	return r, nil
}

// parameters counts the template's parameters: the fewer, the more specific it is.
func (r route) parameters() int {
	n := 0
	for _, s := range r.segments {
		if s.param != "" {
			n++
		}
	}
	return n
}

func sortRoutes(routes []route) {
	slices.SortFunc(routes, func(a, b route) int {
		return cmp.Or(cmp.Compare(a.parameters(), b.parameters()), cmp.Compare(a.template, b.template))
	})
}

// match returns the values of the template's parameters, in order, if the escaped path
// matches the template.
func (r route) match(escaped string) ([]string, bool) {
	rest, ok := strings.CutPrefix(escaped, "/")
	if !ok || strings.Count(rest, "/") != len(r.segments)-1 {
		return nil, false
	}
	values := make([]string, 0, 4)
	for _, s := range r.segments {
		text, after, _ := strings.Cut(rest, "/")
		rest = after
		text, err := url.PathUnescape(text)
		if err != nil {
			return nil, false
		}
		if s.param == "" {
			if text != s.prefix {
				return nil, false
			}
			continue
		}
		if len(text) < len(s.prefix)+len(s.suffix) || !strings.HasPrefix(text, s.prefix) || !strings.HasSuffix(text, s.suffix) {
			return nil, false
		}
		values = append(values, text[len(s.prefix):len(text)-len(s.suffix)])
	}
	return values, true
}

// find returns the first route that matches.
func (v *Validator) find(escaped string) (route, []string, bool) {
	for _, r := range v.routes {
		if values, ok := r.match(escaped); ok {
			return r, values, true
		}
	}
	return route{}, nil, false
}
