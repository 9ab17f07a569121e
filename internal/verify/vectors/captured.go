package vectors

import (
	"net/http"

	"github.com/twiliopay/twiliopay-go/internal/testvectors"
	"github.com/twiliopay/twiliopay-go/internal/verify/validators"
)

// capturedWrong are the calls of the vendor's libraries that no document allows.
var capturedWrong = map[string]bool{
	"create:CallSid=encslash": true, "create:CallSid=short": true, "create:CallSid=semicolon": true, "create:CallSid=space": true,
	"create:CallSid=backslash": true, "create:CallSid=template": true, "create:AccountSid=dotdot": true,
	"create:missing idem": true, "create:missing cb": true, "create:TokenType=bogus": true,
	"update:Capture=": true, "update:Sid=qmark": true, "update:Sid=encslash": true,
}

// capturedOpen are the calls whose verdict is open: an empty body where a body
// is optional, and a URL with a space, which format: uri may or may not allow.
var capturedOpen = map[string][]string{
	"create:missing all":          {validators.Vendor},
	"create:StatusCallback=query": {validators.Vendor, validators.Merged},
}

// Captured returns requests that the vendor's libraries send.
func Captured() []Vector {
	var vectors []Vector
	for _, r := range testvectors.Peers() {
		header := http.Header{}
		for _, pair := range r.Headers {
			header.Add(pair[0], pair[1])
		}
		v := Vector{r.Client + " " + r.ID, validators.Request{Method: r.Method, Target: r.Path, Header: header, Body: r.Body}, map[string]bool{
			validators.Vendor: !capturedWrong[r.ID],
			validators.Merged: !capturedWrong[r.ID] && !overlayForbids[r.ID],
		}}
		for _, document := range capturedOpen[r.ID] {
			delete(v.Allowed, document)
		}
		vectors = append(vectors, v)
	}
	return vectors
}

// Responses returns the responses to a create whose verdict is not in doubt.
func Responses() []ResponseVector {
	var vectors []ResponseVector
	for _, r := range testvectors.Responses() {
		if r.Says == testvectors.Open {
			continue
		}
		header := http.Header{}
		for name, value := range r.Headers {
			header.Set(name, value)
		}
		vectors = append(vectors, ResponseVector{r.ID, validators.Response{
			Request: validators.Request{Method: http.MethodPost, Target: createTarget, Header: http.Header{}},
			Status:  r.Status, Header: header, Body: r.Body,
		}, r.Says == testvectors.Accept})
	}
	return vectors
}

const createTarget = "/2010-04-01/Accounts/ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Calls/CAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Payments.json"
