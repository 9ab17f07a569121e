package drift

import (
	"fmt"
	"strings"

	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"
)

// oasdiff runs the first tool. Errors and warnings are breaking, as in its own
// command.
func oasdiff(before, after *document) ([]finding, error) {
	report, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(),
		&load.SpecInfo{Url: "before", Spec: before.kin}, &load.SpecInfo{Url: "after", Spec: after.kin})
	if err != nil {
		return nil, err
	}
	localize := checker.NewDefaultLocalizer()
	changes := checker.CheckBackwardCompatibilityUntilLevel(checker.NewConfig(checker.GetAllChecks()), report, sources, checker.INFO)
	var found []finding
	for _, change := range changes {
		if change.GetSection() == "info" { // the version of the document, which we blank
			continue
		}
		found = append(found, finding{
			tool:     OASDiff,
			place:    oasdiffPlace(before, after, change),
			text:     strings.ReplaceAll(change.GetUncolorizedText(localize), "`", ""),
			breaking: change.IsBreaking(),
		})
	}
	return found, nil
}

// oasdiffPlace locates a change by the property it names when a whole property
// was added or removed, else by its line, else by its operation. A source with
// an end is a whole element.
func oasdiffPlace(before, after *document, change checker.Change) place {
	for _, side := range []struct {
		doc    *document
		source *checker.Source
	}{{after, change.GetRevisionSource()}, {before, change.GetBaseSource()}} {
		if side.source == nil {
			continue
		}
		whole := side.source.EndLine > 0
		if p, ok := side.doc.property(change); ok && whole {
			return p
		} else if ok && strings.HasSuffix(change.GetId(), "-enum") { // became an enum, or no longer is one
			p.keyword = "enum"
			return p
		}
		if p, ok := side.doc.find(side.source.Line, side.source.Column, whole); ok {
			if p.keyword == "type" && argument(change, 1) == "format" { // located at the type
				p.keyword = "format"
			}
			return p
		}
	}
	at := path{"paths", change.GetPath(), strings.ToLower(change.GetOperation())}
	for _, doc := range []*document{after, before} {
		if doc.at(at...) != nil {
			p := doc.place(at)
			p.item = change.GetId() // distinguishes it from other findings about the operation
			return p
		}
	}
	return place{element: "document", item: change.GetId()}
}

// property finds the property of a request or a response that a change is
// about. The line of a change follows its $ref to a component, which may be
// shared.
func (d *document) property(change checker.Change) (place, bool) {
	at := path{"paths", change.GetPath(), strings.ToLower(change.GetOperation())}
	name := argument(change, 0)
	switch id := change.GetId(); {
	case !strings.Contains(id, "-property"):
		return place{}, false
	case strings.Contains(id, "request"):
		at = at.to("requestBody")
	default:
		at = at.to("responses").to(argument(change, 1))
	}
	media, _ := d.at(at.to("content")...).(map[string]any)
	for _, kind := range sortedKeys(media) {
		at := at.to("content").to(kind).to("schema")
		for token := range strings.SplitSeq(name, "/") {
			if ref, ok := d.at(at.to("$ref")...).(string); ok {
				at = path(strings.Split(strings.TrimPrefix(ref, "#/"), "/"))
			}
			at = at.to("properties").to(token)
		}
		if d.at(at...) != nil {
			return d.place(at), true
		}
	}
	return place{}, false
}

func argument(change checker.Change, i int) string {
	if args := change.GetArgs(); i < len(args) {
		return fmt.Sprint(args[i])
	}
	return ""
}
