package drift

import (
	"fmt"
	"strings"
)

// place is where something changed, independent of line numbers and of the
// order of a list: the element of the contract, its keyword, and for a list the
// item.
type place struct {
	element string // CreatePaymentsRequest.Currency
	at      path   // of the element
	keyword string // empty: the element itself
	item    string // of enum and other lists
}

// key is the same for two findings about the same thing.
func (p place) key() string { return p.element + "\x00" + p.keyword + "\x00" + p.item }

// place names the value at a path. The walk follows the grammar of OpenAPI: a
// step into a new element names it, the first other step is the keyword.
func (d *document) place(at path) place {
	w := &walk{doc: d, rest: at}
	w.document()
	return w.place
}

type walk struct {
	place
	doc  *document
	done path
	rest path
}

// next returns the next token, if any.
func (w *walk) next() (string, bool) {
	if len(w.rest) == 0 {
		return "", false
	}
	token := w.rest[0]
	w.done, w.rest = w.done.to(token), w.rest[1:]
	return token, true
}

// enter names the element that the walk has reached.
func (w *walk) enter(format string, args ...any) {
	w.element, w.at = strings.TrimSpace(fmt.Sprintf(format, args...)), w.done
}

// leaf ends the walk at a keyword of the element and at its item.
func (w *walk) leaf(keyword string) {
	w.keyword = keyword
	if _, ok := w.next(); ok {
		if item, ok := w.doc.at(w.done...).(string); ok {
			w.item = item
		}
	}
	w.rest = nil
}

func (w *walk) document() {
	w.element = "document"
	switch token, ok := w.next(); {
	case !ok:
	case token == "components":
		w.components()
	case token == "paths":
		w.paths()
	case token == "servers":
		w.server("")
	default:
		w.leaf(token)
	}
}

func (w *walk) components() {
	kind, _ := w.next()
	name, ok := w.next()
	switch {
	case !ok:
		w.keyword = "components"
	case kind == "schemas":
		w.enter("%s", name)
		w.schema()
	default:
		w.enter("%s %s", kind, name)
		w.object()
	}
}

// object ends the walk in an element that contains no other elements.
func (w *walk) object() {
	if token, ok := w.next(); ok {
		w.leaf(token)
	}
}

// schema follows a schema whose name is the element so far.
func (w *walk) schema() {
	token, ok := w.next()
	if !ok {
		return
	}
	name := w.element
	switch token {
	case "properties":
		property, ok := w.next()
		if !ok {
			w.keyword = token
			return
		}
		w.enter("%s.%s", name, property)
		w.schema()
	case "items":
		w.enter("%s[]", name)
		w.schema()
	case "allOf", "anyOf", "oneOf":
		i, ok := w.next()
		if !ok {
			w.keyword = token
			return
		}
		w.enter("%s %s %s", name, token, i)
		w.schema()
	case "required":
		w.leaf(token)
		if w.item != "" { // concerns the property, not the list
			w.element, w.at, w.item = name+"."+w.item, w.at.to("properties").to(w.item), ""
		}
	default:
		w.leaf(token)
	}
}
