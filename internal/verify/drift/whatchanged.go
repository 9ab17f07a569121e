package drift

import (
	"errors"
	"fmt"
	"sync"

	"github.com/pb33f/libopenapi"
	"github.com/pb33f/libopenapi/what-changed/model"
)

// comparing serializes comparisons: libopenapi keeps hashes in package
// variables and clears them at the end.
var comparing sync.Mutex

// whatChanged runs the second tool.
func whatChanged(before, after *document) ([]finding, error) {
	comparing.Lock()
	defer comparing.Unlock()
	old, err := before.model()
	if err != nil {
		return nil, err
	}
	updated, err := after.model()
	if err != nil {
		return nil, err
	}
	changes, err := libopenapi.CompareDocuments(old, updated)
	if err != nil {
		return nil, errors.Join(errors.New("what-changed"), err)
	}
	if changes == nil {
		return nil, nil
	}
	var found []finding
	for _, change := range changes.GetAllChanges() {
		found = append(found, whatChangedFinding(before, after, change))
	}
	return found, nil
}

func whatChangedFinding(before, after *document, change *model.Change) finding {
	whole := change.ChangeType == model.ObjectAdded || change.ChangeType == model.ObjectRemoved
	f := finding{tool: WhatChanged, breaking: change.Breaking}
	doc, ok := after, false
	if c := change.Context; c != nil {
		f.place, ok = after.find(deref(c.NewLine), deref(c.NewColumn), whole)
		if !ok || change.Property == "$ref" && !refMoved(before, after, f.place) {
			doc = before
			f.place, ok = before.find(deref(c.OriginalLine), deref(c.OriginalColumn), whole)
		}
	}
	if !ok {
		doc, f.place = after, place{element: "document", keyword: change.Property, item: change.Original + change.New}
	}
	if !whole && f.place.keyword != change.Property {
		f.place.keyword, f.place.item = change.Property, ""
	}
	if change.Property == "$ref" {
		f.text = refText(before.at(f.place.at...), after.at(f.place.at...))
		return f
	}
	f.text = whatChangedText(doc, f.place, change)
	f.vague = f.place.keyword != "" && change.Original+change.New == ""
	return f
}

// whatChangedText describes a change by the element in the document that still
// has it.
func whatChangedText(doc *document, p place, change *model.Change) string {
	verb := "added"
	if change.ChangeType == model.ObjectRemoved || change.ChangeType == model.PropertyRemoved {
		verb = "removed"
	}
	values := change.Original + change.New
	switch modified := change.ChangeType == model.Modified; {
	case p.keyword == "" && verb == "added":
		return "added" + describe(doc.at(p.at...))
	case p.keyword == "":
		return verb
	case p.keyword == "required":
		return map[string]string{"added": "required now", "removed": "optional now"}[verb]
	case p.keyword == "enum":
		return fmt.Sprintf("value %q %s", values, verb)
	case modified && values == "":
		return p.keyword + " changed"
	case modified:
		return fmt.Sprintf("%s %s → %s", p.keyword, change.Original, change.New)
	case values == "":
		return p.keyword + " " + verb
	}
	return fmt.Sprintf("%s %s %s", p.keyword, values, verb)
}

// refMoved reports whether an element refers to another component than before,
// or does so in only one of the documents.
func refMoved(before, after *document, p place) bool {
	return refText(before.at(p.at...), after.at(p.at...)) != ""
}

func refText(was, is any) string {
	old, now := "its own schema", "its own schema"
	if has(was, "$ref") {
		old = refName(was.(map[string]any)["$ref"])
	}
	if has(is, "$ref") {
		now = refName(is.(map[string]any)["$ref"])
	}
	if old == now {
		return ""
	}
	return old + " → " + now
}

// describe describes an element in a few words.
func describe(v any) string {
	schema, _ := v.(map[string]any)
	if inner, ok := schema["schema"].(map[string]any); ok {
		required := ", optional"
		if schema["required"] == true {
			required = ", required"
		}
		return describe(inner) + required
	}
	switch {
	case schema["$ref"] != nil:
		return fmt.Sprintf(": %s", refName(schema["$ref"]))
	case schema["enum"] != nil:
		values, _ := schema["enum"].([]any)
		return fmt.Sprintf(": %v, one of %d values", schema["type"], len(values))
	case schema["type"] != nil:
		return fmt.Sprintf(": %v", schema["type"])
	}
	return ""
}

func deref(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
