// Package validators puts two independent OpenAPI validators, which share no
// schema code, behind one interface. If they agree on a request or a response,
// they are taken to be right. If they disagree, one of them is wrong: either
// its fault is listed, or something here must be fixed.
package validators

import (
	"net/http"
	"strings"
)

// Request is a request as sent over the wire.
type Request struct {
	Method string
	Target string // the request line's: path and query, escaped as sent
	Header http.Header
	Body   string
}

// Response is a server's response to a request.
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
