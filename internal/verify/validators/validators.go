// Package validators puts two validators of OpenAPI documents, written by
// different people and without common schema code, behind one interface. Where
// both agree that the document allows a request or a response, it does. Where they
// disagree, one of them is wrong: either its fault is listed in faults.go or
// something here must be fixed.
package validators

import (
	"net/http"
	"strings"
)

// Request is a request as it goes over the wire.
type Request struct {
	Method string
	Target string // the request line's: path and query, escaped as sent
	Header http.Header
	Body   string
}

// Response is what a server responds to a request.
type Response struct {
	Request Request
	Status  int
	Header  http.Header
	Body    string
}

// Validator checks traffic against its document.
type Validator interface {
	// Name is short, for tables.
	Name() string
	// Request returns nil for a request that the document allows.
	Request(Request) error
	// Response returns nil for a response that the document allows.
	Response(Response) error
}

// Operation names the operation that a target addresses, by its last segment:
// the two paths differ only there.
func (r Request) Operation() string {
	if path, _, _ := strings.Cut(r.Target, "?"); strings.HasSuffix(path, "/Payments.json") {
		return "CreatePayments"
	}
	return "UpdatePayments"
}
