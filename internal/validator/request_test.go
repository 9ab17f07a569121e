package validator_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/internal/validator"
)

func TestRequestReadsWhatWasSent(t *testing.T) {
	t.Parallel()
	j := merged(t)
	tests := map[string]struct {
		target, body string
		want         validator.Request
	}{
		"create": {createPath, minBody + "&Description=a+b%2B", validator.Request{
			Operation: "CreatePayments", AccountSID: accountSID, CallSID: callSID,
			Form: url.Values{"IdempotencyKey": {"abcd"}, "StatusCallback": {"https://myapp.com/payments"}, "Description": {"a b+"}},
		}},
		"update": {updatePath, "IdempotencyKey=true&StatusCallback=null&Capture=postal-code", validator.Request{
			Operation: "UpdatePayments", AccountSID: accountSID, CallSID: callSID, SID: paymentSID,
			Form: url.Values{"IdempotencyKey": {"true"}, "StatusCallback": {"null"}, "Capture": {"postal-code"}},
		}},
		"escaped path": {strings.NewReplacer("/CAa", "/%43A%61", ".json", "%2Ejson").Replace(updatePath), minBody, validator.Request{
			Operation: "UpdatePayments", AccountSID: accountSID, CallSID: callSID, SID: paymentSID,
			Form: url.Values{"IdempotencyKey": {"abcd"}, "StatusCallback": {"https://myapp.com/payments"}},
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := j.Request(newRequest(t, http.MethodPost, test.target, nil), []byte(test.body))
			if err != nil {
				t.Fatal(err)
			}
			test.want.Body = test.body
			if diff := gocmp.Diff(test.want, got); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRequestRefuses(t *testing.T) {
	t.Parallel()
	const secret = "4111111111111111"
	tests := map[string]struct {
		method, target string // POST to create by default
		headers        map[string]string
		body           string
		kind           error
		want           string
		operation      string // "" where there is no route
	}{
		"unknown path":         {target: "/2010-04-01/Accounts/" + secret, kind: validator.ErrRoute, want: "path: is not declared"},
		"root":                 {target: "/", kind: validator.ErrRoute, want: "path: is not declared"},
		"asterisk":             {target: "*", kind: validator.ErrRoute, want: "path: is not declared"},
		"double slash":         {target: "/" + createPath, kind: validator.ErrRoute, want: "path: is not declared"},
		"method":               {method: http.MethodPut, kind: validator.ErrMethod, want: "method: is not declared for this path"},
		"no credentials":       {headers: map[string]string{"Authorization": ""}, kind: validator.ErrSecurity, want: "security Authorization: is required", operation: "CreatePayments"},
		"bearer":               {headers: map[string]string{"Authorization": "Bearer " + secret}, kind: validator.ErrSecurity, want: "security Authorization: is not well-formed HTTP Basic", operation: "CreatePayments"},
		"basic without colon":  {headers: map[string]string{"Authorization": "Basic NDExMQ=="}, kind: validator.ErrSecurity, want: "security Authorization: is not well-formed HTTP Basic", operation: "CreatePayments"},
		"basic without base64": {headers: map[string]string{"Authorization": "Basic " + secret + ":"}, kind: validator.ErrSecurity, want: "security Authorization: is not well-formed HTTP Basic", operation: "CreatePayments"},
		"path value":           {target: strings.Replace(createPath, callSID, secret, 1), kind: validator.ErrSchema, want: "path CallSid: is shorter than 34", operation: "CreatePayments"},
		"long path value":      {target: strings.Replace(createPath, callSID, callSID+secret, 1), kind: validator.ErrSchema, want: "path CallSid: is longer than 34", operation: "CreatePayments"},
		"path pattern":         {target: strings.Replace(createPath, callSID, "CA"+secret+"4111111111111xyz", 1), kind: validator.ErrSchema, want: "path CallSid: does not match ^CA[0-9a-fA-F]{32}$", operation: "CreatePayments"},
		"empty path value":     {target: strings.Replace(updatePath, paymentSID, "", 1), kind: validator.ErrSchema, want: "path Sid: is shorter than 34", operation: "UpdatePayments"},
		"query":                {target: createPath + "?key=" + secret, kind: validator.ErrSchema, want: "query: is not declared", operation: "CreatePayments"},
		"no media type":        {headers: map[string]string{"Content-Type": ""}, body: minBody, kind: validator.ErrMediaType, want: "header Content-Type: is required", operation: "CreatePayments"},
		"JSON":                 {headers: map[string]string{"Content-Type": "application/json"}, body: `{"a":"` + secret + `"}`, kind: validator.ErrMediaType, want: "header Content-Type: is not application/x-www-form-urlencoded", operation: "CreatePayments"},
		"malformed media type": {headers: map[string]string{"Content-Type": formType + "; " + secret}, body: minBody, kind: validator.ErrMediaType, want: "header Content-Type: is not application/x-www-form-urlencoded", operation: "CreatePayments"},
		"other charset":        {headers: map[string]string{"Content-Type": formType + "; charset=latin1"}, body: minBody, kind: validator.ErrMediaType, want: "header Content-Type: has a charset other than utf-8", operation: "CreatePayments"},
		"no body":              {kind: validator.ErrSchema, want: "body: is required", operation: "CreatePayments"},
		"missing field":        {body: "IdempotencyKey=" + secret, kind: validator.ErrSchema, want: "body StatusCallback: is required", operation: "CreatePayments"},
		"undeclared field":     {body: minBody + "&Amount=" + secret, kind: validator.ErrSchema, want: "body Amount: is not declared", operation: "CreatePayments"},
		"field of the other":   {body: minBody + "&Capture=postal-code", kind: validator.ErrSchema, want: "body Capture: is not declared", operation: "CreatePayments"},
		"value as a field":     {body: minBody + "&" + secret, kind: validator.ErrSchema, want: "body: is not declared", operation: "CreatePayments"},
		"text as a field":      {body: minBody + "&" + strings.Repeat("x", 41), kind: validator.ErrSchema, want: "body: is not declared", operation: "CreatePayments"},
		"case of a field":      {body: minBody + "&chargeAmount=1", kind: validator.ErrSchema, want: "body chargeAmount: is not declared", operation: "CreatePayments"},
		"empty pair":           {body: minBody + "&&Input=dtmf", kind: validator.ErrSchema, want: "body: is not declared", operation: "CreatePayments"},
		"repeated field":       {body: minBody + "&Input=dtmf&Input=" + secret, kind: validator.ErrSchema, want: "body Input: is repeated", operation: "CreatePayments"},
		"bad escape in name":   {body: minBody + "&%zz=" + secret, kind: validator.ErrSchema, want: "body: has a field name that is badly escaped", operation: "CreatePayments"},
		"name not UTF-8":       {body: minBody + "&Input%ff=" + secret, kind: validator.ErrSchema, want: "body: is not declared", operation: "CreatePayments"},
		"bad escape in value":  {body: minBody + "&Input=" + secret + "%4", kind: validator.ErrSchema, want: "body Input: is not escaped UTF-8", operation: "CreatePayments"},
		"bytes not UTF-8":      {body: minBody + "&Input=" + secret + "\xff", kind: validator.ErrSchema, want: "body Input: is not escaped UTF-8", operation: "CreatePayments"},
		"raw semicolon":        {body: minBody + ";Input=" + secret, kind: validator.ErrSchema, want: "body: has a semicolon that is not escaped", operation: "CreatePayments"},
		"boolean":              {body: minBody + "&PostalCode=" + secret, kind: validator.ErrSchema, want: "body PostalCode: is neither true nor false", operation: "CreatePayments"},
		"boolean as a number":  {body: minBody + "&PostalCode=1", kind: validator.ErrSchema, want: "body PostalCode: is neither true nor false", operation: "CreatePayments"},
		"number":               {body: minBody + "&ChargeAmount=0x1p-2", kind: validator.ErrSchema, want: "body ChargeAmount: is not a number", operation: "CreatePayments"},
		"number and a space":   {body: minBody + "&ChargeAmount=1+", kind: validator.ErrSchema, want: "body ChargeAmount: is not a number", operation: "CreatePayments"},
		"too high":             {body: minBody + "&ChargeAmount=" + secret, kind: validator.ErrSchema, want: "body ChargeAmount: is not below the maximum", operation: "CreatePayments"},
		"too low":              {body: minBody + "&ChargeAmount=-" + secret, kind: validator.ErrSchema, want: "body ChargeAmount: is less than 0", operation: "CreatePayments"},
		"out of range":         {body: minBody + "&ChargeAmount=1e999", kind: validator.ErrSchema, want: "body ChargeAmount: is out of range", operation: "CreatePayments"},
		"integer too high":     {body: minBody + "&Timeout=" + secret, kind: validator.ErrSchema, want: "body Timeout: is more than 600", operation: "CreatePayments"},
		"integer":              {body: minBody + "&Timeout=5.0", kind: validator.ErrSchema, want: "body Timeout: is not an integer", operation: "CreatePayments"},
		"enum":                 {body: minBody + "&TokenType=" + secret, kind: validator.ErrSchema, want: "body TokenType: is none of the declared values", operation: "CreatePayments"},
		"empty enum":           {body: minBody + "&TokenType=", kind: validator.ErrSchema, want: "body TokenType: is none of the declared values", operation: "CreatePayments"},
	}
	j := merged(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			method, target := http.MethodPost, createPath
			if test.method != "" {
				method = test.method
			}
			if test.target != "" {
				target = test.target
			}
			req, err := j.Request(newRequest(t, method, target, test.headers), []byte(test.body))
			var v *validator.Violation
			if !errors.As(err, &v) {
				t.Fatalf("error %v, want a *Violation", err)
			}
			if err.Error() != test.want || !errors.Is(err, test.kind) {
				t.Errorf("error %q of kind %q, want %q of kind %q", err, v.Kind, test.want, test.kind)
			}
			if text := fmt.Sprintf("%+v", *v); strings.Contains(text, secret) {
				t.Errorf("the violation holds what was sent: %s", text)
			}
			if req.Operation != test.operation || test.operation != "" && req.AccountSID != accountSID {
				t.Errorf("operation %q of account %q, want %q", req.Operation, req.AccountSID, test.operation)
			}
		})
	}
}

func TestRequestRefusesRepeatedHeaders(t *testing.T) {
	t.Parallel()
	j := merged(t)
	for name, want := range map[string]error{"Authorization": validator.ErrSecurity, "Content-Type": validator.ErrMediaType} {
		r := newRequest(t, http.MethodPost, createPath, nil)
		r.Header.Add(name, r.Header.Get(name))
		if _, err := j.Request(r, []byte(minBody)); !errors.Is(err, want) {
			t.Errorf("two of %s: %v, want %v", name, err, want)
		}
	}
}

func TestRequestAcceptsMediaTypes(t *testing.T) {
	t.Parallel()
	j := merged(t)
	for _, value := range []string{formType, "APPLICATION/X-www-form-URLENCODED", formType + ";charset=utf-8", formType + `; charset="UTF-8"`} {
		r := newRequest(t, http.MethodPost, createPath, map[string]string{"Content-Type": value})
		if _, err := j.Request(r, []byte(minBody)); err != nil {
			t.Errorf("%s: %v", value, err)
		}
	}
}

func ExampleValidator_Request() {
	t := new(testing.T)
	r := newRequest(t, http.MethodPost, createPath, nil)
	_, err := merged(t).Request(r, []byte(minBody+"&ChargeAmount=1e6"))
	fmt.Println(err)
	fmt.Println(errors.Is(err, validator.ErrSchema))
	// Output:
	// body ChargeAmount: is not below the maximum
	// true
}
