package judges

import (
	"net/http"
	"strings"
)

// Fault is something that a judge is known to get wrong. It explains a
// disagreement of the judges where Request or Answer says so, and stays on the
// list for as long as its sample is still judged wrongly: a test fails when it
// is mended, and the fault is to be taken off.
type Fault struct {
	Judge   string // its Name
	Name    string
	Why     string
	Accepts bool // what is wrong: it accepts, or else refuses, what it should not

	Request func(Request) bool // the requests it is wrong about
	Answer  func(Answer) bool  // the answers it is wrong about

	Document      string // the document whose judge fails on the sample
	SampleRequest *Request
	SampleAnswer  *Answer
}

// Explains reports whether the fault may be behind the verdict of a judge: of a
// on its answer, or without one of r.
func (f Fault) Explains(judge string, accepted bool, r *Request, a *Answer) bool {
	switch {
	case f.Judge != judge || f.Accepts != accepted:
		return false
	case a != nil:
		return f.Answer != nil && f.Answer(*a)
	}
	return f.Request != nil && f.Request(*r)
}

// Faults are all that are known.
var Faults = append(append([]Fault{}, requestFaults...), answerFaults...)

// A request that nobody can take offence at, and its answer, to make samples of.
const (
	sampleTarget = "/2010-04-01/Accounts/AC00000000000000000000000000000001/Calls/CA00000000000000000000000000000001/Payments.json"
	sampleBody   = "IdempotencyKey=k&StatusCallback=https%3A%2F%2Fpay.example.com%2Fstatus"
	sampleBasic  = "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTp0b2tlbg=="
	sampleAnswer = `{"sid":"PK00000000000000000000000000000001"}`
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

func sampleOf(change func(*Answer)) *Answer {
	a := &Answer{Request: *sample(nil), Status: http.StatusCreated, Body: sampleAnswer, Header: http.Header{
		"Content-Type": {"application/json"},
	}}
	change(a)
	return a
}

// with is the sample with more fields.
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

// any reports whether a field of one of the names has a value that ok takes.
func (r Request) any(fields string, ok func(string) bool) bool {
	names, values := r.pairs()
	for i, name := range names {
		if strings.Contains(" "+fields+" ", " "+name+" ") && ok(values[i]) {
			return true
		}
	}
	return false
}
