package validator

import (
	"net/http"
	"net/url"
)

// Request is the content of a checked request.
type Request struct {
	Operation                string // operationId: CreatePayments or UpdatePayments
	AccountSID, CallSID, SID string // unescaped path values; SID on updates only
	Form                     url.Values
	Body                     string // of a form; Form shares its memory
}

// Request checks r, whose body was read by the caller. The error is nil or a
// [*Violation]; even then, the Request holds what could be read.
func (v *Validator) Request(r *http.Request, body []byte) (Request, error) {
	req, broken := v.request(r, body)
	if broken != nil {
		return req, broken
	}
	return req, nil
}

func (v *Validator) request(r *http.Request, body []byte) (Request, *Violation) {
	found, values, ok := v.find(r.URL.EscapedPath())
	if !ok {
		return Request{}, &Violation{Where: WherePath, Rule: "is not declared", Kind: ErrRoute}
	}
	op := found.methods[r.Method]
	if op == nil {
		return Request{}, &Violation{Where: WhereMethod, Rule: "is not declared for this path", Kind: ErrMethod}
	}
	req := newRequest(op, values)
	if op.basic {
		if broken := checkBasic(r); broken != nil {
			return req, broken
		}
	}
	for i, p := range op.params {
		if broken := visit(WherePath, p.name, p.schema, values[i]); broken != nil {
			return req, broken
		}
	}
	if r.URL.RawQuery != "" {
		return req, schemaViolation(WhereQuery, "", "is not declared")
	}
	broken := op.checkBody(&req, r.Header, body)
	return req, broken
}

// newRequest returns a Request with the path values.
func newRequest(op *operation, values []string) Request {
	req := Request{Operation: op.id}
	for i, p := range op.params {
		switch p.name {
		case "AccountSid":
			req.AccountSID = values[i]
		case "CallSid":
			req.CallSID = values[i]
		case "Sid":
			req.SID = values[i]
		}
	}
	return req
}

func (op *operation) checkBody(req *Request, h http.Header, body []byte) *Violation {
	if op.form == nil {
		if len(body) > 0 {
			return schemaViolation(WhereBody, "", "is not declared")
		}
		return nil
	}
	if len(body) == 0 {
		if op.optional {
			return nil
		}
		return schemaViolation(WhereBody, "", "is required")
	}
	if broken := checkMediaType(h, formType); broken != nil {
		return broken
	}
	req.Body = string(body)
	values, broken := op.form.decode(req.Body)
	req.Form = values
	if broken != nil {
		return broken
	}
	return op.form.check(values)
}
