// Package vectors holds the judges, the simulator and the mock server against
// requests with a verdict, and prints what each gets wrong.
package vectors

import (
	"net/http"

	"github.com/twiliopay/twiliopay-go/internal/testvectors"
	"github.com/twiliopay/twiliopay-go/internal/verify/judges"
)

// Vector is a request and what each document says of it. A document that is
// not named leaves it open.
type Vector struct {
	ID      string
	Request judges.Request
	Allowed map[string]bool
}

// AnswerVector is an answer and what the vendor's document says of it.
type AnswerVector struct {
	ID      string
	Answer  judges.Answer
	Allowed bool
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
		vectors = append(vectors, Vector{r.ID, judges.Request{Method: r.Method, Target: r.Target, Header: header, Body: r.Body}, map[string]bool{
			judges.Vendor: accepted,
			judges.Merged: accepted && !overlayForbids[r.ID],
		}})
	}
	return vectors
}

// overlayForbids are the requests that the vendor's document allows, and the
// vendor's prose, which the overlay turns into rules, does not.
var overlayForbids = map[string]bool{
	"num:-1": true, "num:1e6": true, "num:1e%2B06": true,
	"create:ChargeAmount=1000000": true, "create:ChargeAmount=1e+21": true, "create:ChargeAmount=2097152": true,
	"create:ChargeAmount=123456789.01": true, "create:Timeout=601": true, "create:missing all": true,
}
