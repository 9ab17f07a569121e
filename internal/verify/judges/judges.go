// Package judges holds two validators of OpenAPI documents, by different people
// and without a line of schema code in common, behind one face. Where both agree
// that a request or an answer is what the document allows, it is; where they
// disagree, one of them is wrong, and its fault is written down in faults.go or
// something is to be mended.
package judges

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

// Answer is what a server answers to a request.
type Answer struct {
	Request Request
	Status  int
	Header  http.Header
	Body    string
}

// Judge tells whether traffic is what its document allows.
type Judge interface {
	// Name is short, for tables.
	Name() string
	// Request returns nil for a request that the document allows.
	Request(Request) error
	// Answer returns nil for an answer that the document allows.
	Answer(Answer) error
}

// Operation names the operation that a target addresses, by its last segment:
// the two paths differ there alone.
func (r Request) Operation() string {
	if path, _, _ := strings.Cut(r.Target, "?"); strings.HasSuffix(path, "/Payments.json") {
		return "CreatePayments"
	}
	return "UpdatePayments"
}
