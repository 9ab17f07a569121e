// Package vectors runs the validators, the simulator and the mock server on
// requests and responses with a known verdict, and prints their wrong verdicts.
package vectors

import (
	"net/http"

	"github.com/twiliopay/twiliopay-go/internal/testvectors"
	"github.com/twiliopay/twiliopay-go/internal/verify/validators"
)

// Vector is a request and its verdict by each document. By a document that is
// not named, the verdict is open.
type Vector struct {
	ID      string
	Request validators.Request
	Allowed map[string]bool
}

// ResponseVector is a response and its verdict by the vendor's document.
type ResponseVector struct {
	ID       string
	Response validators.Response
	Allowed  bool
}

// Requests returns the requests whose verdict is not in doubt.
func Requests() []Vector {
	var vectors []Vector
	for _, r := range testvectors.Requests() {
		if r.Says == testvectors.Open {
			continue
		}
		header := http.Header{}
		for name, value := range r.Headers {
			header.Set(name, value)
		}
		accepted := r.Says == testvectors.Accept
		vectors = append(vectors, Vector{r.ID, validators.Request{Method: r.Method, Target: r.Target, Header: header, Body: r.Body}, map[string]bool{
			validators.Vendor: accepted,
			validators.Merged: accepted && !overlayForbids[r.ID],
		}})
	}
	return vectors
}

// overlayForbids are requests that the vendor's document allows although its
// prose forbids them. The overlay turns that prose into rules.
var overlayForbids = map[string]bool{
	"num:-1": true, "num:1e6": true, "num:1e%2B06": true,
	"create:ChargeAmount=1000000": true, "create:ChargeAmount=1e+21": true, "create:ChargeAmount=2097152": true,
	"create:ChargeAmount=123456789.01": true, "create:Timeout=601": true, "create:missing all": true,
}
