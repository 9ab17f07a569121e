package drift

import (
	"cmp"
	"strings"
)

// paths follows #/paths to its operations and their parts.
func (w *walk) paths() {
	name, ok := w.next()
	if !ok {
		w.keyword = "paths"
		return
	}
	w.enter("path %s", name)
	switch token, ok := w.next(); {
	case !ok:
	case token == "servers":
		w.server(w.element)
	case token == "parameters":
		w.parameter(w.element)
	case isMethod(token):
		id, _ := w.doc.at(w.done.to("operationId")...).(string)
		w.enter("%s", cmp.Or(id, w.doc.ids[name+" "+token], strings.ToUpper(token)+" "+name))
		w.operation()
	default:
		w.leaf(token)
	}
}

func isMethod(token string) bool {
	switch token {
	case "get", "put", "post", "delete", "options", "head", "patch", "trace":
		return true
	}
	return false
}

func (w *walk) operation() {
	name := w.element
	switch token, ok := w.next(); {
	case !ok:
	case token == "parameters":
		w.parameter(name)
	case token == "requestBody":
		w.enter("%s request", name)
		w.body()
	case token == "responses":
		if status, ok := w.next(); ok {
			w.enter("%s response %s", name, status)
			w.body()
		} else {
			w.keyword = token
		}
	case token == "servers":
		w.server(name)
	default:
		w.leaf(token)
	}
}

// body follows a request or a response to its headers and media types.
func (w *walk) body() {
	name := w.element
	switch token, ok := w.next(); {
	case !ok:
	case token == "headers":
		if header, ok := w.next(); ok {
			w.enter("%s header %s", name, header)
			w.object()
		} else {
			w.keyword = token
		}
	case token == "content":
		media, ok := w.next()
		if !ok {
			w.keyword = token
			return
		}
		w.enter("%s %s", name, media)
		switch token, ok := w.next(); {
		case !ok:
		case token == "schema":
			w.schema()
		default:
			w.leaf(token)
		}
	default:
		w.leaf(token)
	}
}

func (w *walk) parameter(owner string) {
	if _, ok := w.next(); !ok {
		w.keyword = "parameters"
		return
	}
	name, _ := w.doc.at(w.done.to("name")...).(string)
	in, _ := w.doc.at(w.done.to("in")...).(string)
	w.enter("%s %s parameter %s", owner, in, name)
	switch token, ok := w.next(); {
	case !ok || token == "name" || token == "in": // the parameter itself
	case token == "schema":
		w.schema()
	default:
		w.leaf(token)
	}
}

func (w *walk) server(owner string) {
	if _, ok := w.next(); !ok {
		w.keyword = "servers"
		return
	}
	url, _ := w.doc.at(w.done.to("url")...).(string)
	w.enter("%s server %s", owner, url)
	if token, ok := w.next(); ok && token != "url" {
		w.leaf(token)
	}
}
