package validators

import (
	"net/http"
	"strings"
)

// Fault is a known error of a validator. It explains a disagreement between
// validators if Request or Response returns true. When its sample gets the
// right result, a test fails and the entry must be removed.
type Fault struct {
	Validator string // its Name
	Name      string
	Why       string
	Accepts   bool // what is wrong: it accepts, or else refuses, what it should not

	Request  func(Request) bool  // the requests it is wrong about
	Response func(Response) bool // the responses it is wrong about

	Document       string // the document whose validator fails on the sample
	SampleRequest  *Request
	SampleResponse *Response
}

// Explains reports whether the fault can explain a validator's verdict on the
// response a or, if a is nil, on the request r.
func (f Fault) Explains(validator string, accepted bool, r *Request, a *Response) bool {
	switch {
	case f.Validator != validator || f.Accepts != accepted:
		return false
	case a != nil:
		return f.Response != nil && f.Response(*a)
	}
	return f.Request != nil && f.Request(*r)
}

// Faults are all known faults.
var Faults = append(append([]Fault{}, requestFaults...), responseFaults...)

// A valid request and its response, from which samples are made.
const (
	sampleTarget   = "/2010-04-01/Accounts/AC00000000000000000000000000000001/Calls/CA00000000000000000000000000000001/Payments.json"
	sampleBody     = "IdempotencyKey=k&StatusCallback=https%3A%2F%2Fpay.example.com%2Fstatus"
	sampleBasic    = "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTp0b2tlbg=="
	sampleResponse = `{"sid":"PK00000000000000000000000000000001"}`
)

func sample(change func(*Request)) *Request {
	r := &Request{Method: http.MethodPost, Target: sampleTarget, Body: sampleBody, Header: http.Header{
		"Authorization": {sampleBasic}, "Content-Type": {formType}, "Accept": {"application/json"},
	}}
	if change != nil {
		change(r)
	}
	return r
}

func sampleOf(change func(*Response)) *Response {
	a := &Response{Request: *sample(nil), Status: http.StatusCreated, Body: sampleResponse, Header: http.Header{
		"Content-Type": {"application/json"},
	}}
	change(a)
	return a
}

// with is the sample with additional fields.
func with(fields string) *Request {
	return sample(func(r *Request) { r.Body += "&" + fields })
}

// pairs are the fields of a form in order, unescaped where they can be.
func (r Request) pairs() (names, values []string) {
	for pair := range strings.SplitSeq(r.Body, "&") {
		name, value, _ := strings.Cut(pair, "=")
		names, values = append(names, unescape(name)), append(values, unescape(value))
	}
	return names, values
}

// any reports whether a field with one of the names has a value for which ok
// returns true.
func (r Request) any(fields string, ok func(string) bool) bool {
	names, values := r.pairs()
	for i, name := range names {
		if strings.Contains(" "+fields+" ", " "+name+" ") && ok(values[i]) {
			return true
		}
	}
	return false
}
