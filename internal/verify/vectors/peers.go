package vectors

import (
	"net/http"

	"github.com/twiliopay/twiliopay-go/internal/testvectors"
	"github.com/twiliopay/twiliopay-go/internal/verify/judges"
)

// peersWrong are the calls of the vendor's libraries that no document allows.
var peersWrong = map[string]bool{
	"create:CallSid=encslash": true, "create:CallSid=short": true, "create:CallSid=semicolon": true, "create:CallSid=space": true,
	"create:CallSid=backslash": true, "create:CallSid=template": true, "create:AccountSid=dotdot": true,
	"create:missing idem": true, "create:missing cb": true, "create:TokenType=bogus": true,
	"update:Capture=": true, "update:Sid=qmark": true, "update:Sid=encslash": true,
}

// peersOpen are the calls whose verdict is open: an empty body where a body is
// optional, and a URL with a space, which format: uri may or may not mean.
var peersOpen = map[string][]string{
	"create:missing all":          {judges.Vendor},
	"create:StatusCallback=query": {judges.Vendor, judges.Merged},
}

// Peers returns what the vendor's libraries put on the wire.
func Peers() []Vector {
	var vectors []Vector
	for _, r := range testvectors.Peers() {
		header := http.Header{}
		for _, pair := range r.Headers {
			header.Add(pair[0], pair[1])
		}
		v := Vector{r.Client + " " + r.ID, judges.Request{Method: r.Method, Target: r.Path, Header: header, Body: r.Body}, map[string]bool{
			judges.Vendor: !peersWrong[r.ID],
			judges.Merged: !peersWrong[r.ID] && !overlayForbids[r.ID],
		}}
		for _, document := range peersOpen[r.ID] {
			delete(v.Allowed, document)
		}
		vectors = append(vectors, v)
	}
	return vectors
}

// Answers returns the answers to a create whose verdict is not in doubt.
func Answers() []AnswerVector {
	var vectors []AnswerVector
	for _, r := range testvectors.Responses() {
		if r.Says == testvectors.Open {
			continue
		}
		header := http.Header{}
		for name, value := range r.Headers {
			header.Set(name, value)
		}
		vectors = append(vectors, AnswerVector{r.ID, judges.Answer{
			Request: judges.Request{Method: http.MethodPost, Target: createTarget, Header: http.Header{}},
			Status:  r.Status, Header: header, Body: r.Body,
		}, r.Says == testvectors.Accept})
	}
	return vectors
}

const createTarget = "/2010-04-01/Accounts/ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Calls/CAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Payments.json"
