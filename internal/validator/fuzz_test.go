package validator_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/validator"
)

// checkViolation requires a short *Violation of a known kind, or nil.
func checkViolation(t *testing.T, err error) {
	t.Helper()
	var v *validator.Violation
	if err != nil && (!errors.As(err, &v) || v.Kind == nil || v.Where == "" || v.Rule == "" || len(v.Error()) > 120) {
		t.Fatalf("%T %v is not a short violation", err, err)
	}
}

// FuzzRequest: no request panics, and one that the merged document accepts is accepted
// by the vendor's too and has the required fields.
func FuzzRequest(f *testing.F) {
	f.Add("POST", createPath, formType, basicAuth, minBody)
	f.Add("POST", updatePath, formType+"; charset=utf-8", "basic Og==", minBody+"&Capture=postal-code")
	f.Add("POST", strings.Replace(createPath, "/CAa", "/CA%61", 1), formType, basicAuth, minBody+"&ChargeAmount=999999.99&PostalCode=false")
	f.Add("GET", createPath+"?a=b", "application/json", "Bearer x", "{}")
	f.Add("POST", "*", ";", "", "%&=;%zz")
	byVendor, byMerged := vendor(f), merged(f)
	f.Fuzz(func(t *testing.T, method, target, contentType, authorization, body string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			return
		}
		r := &http.Request{Method: method, URL: u, Header: http.Header{"Content-Type": {contentType}, "Authorization": {authorization}}}
		_, errVendor := byVendor.Request(r, []byte(body))
		req, errMerged := byMerged.Request(r, []byte(body))
		checkViolation(t, errVendor)
		checkViolation(t, errMerged)
		if errMerged != nil {
			return
		}
		if errVendor != nil {
			t.Fatalf("the merged document accepts what the vendor's refuses: %v", errVendor)
		}
		if len(req.AccountSID) != 34 || len(req.CallSID) != 34 || !req.Form.Has("IdempotencyKey") || !req.Form.Has("StatusCallback") {
			t.Fatalf("accepted without the required fields: %+v", req)
		}
		parsed, err := url.ParseQuery(body)
		if err != nil || parsed.Encode() != req.Form.Encode() {
			t.Fatalf("net/url cannot parse the form: %v", err)
		}
	})
}

func FuzzResponse(f *testing.F) {
	f.Add("CreatePayments", 201, "application/json", sessionJSON)
	f.Add("UpdatePayments", 500, "application/json;charset=utf-8", `{"code": 1e5, "details": {"a": [null]}}`)
	j := merged(f)
	f.Fuzz(func(t *testing.T, operation string, status int, contentType, body string) {
		checkViolation(t, j.Response(operation, status, http.Header{"Content-Type": {contentType}}, []byte(body)))
	})
}

func FuzzCallback(f *testing.F) {
	f.Add(startCallback().Encode())
	f.Add(chargeCallback().Encode())
	j := merged(f)
	f.Fuzz(func(t *testing.T, body string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		checkViolation(t, j.Callback(form))
	})
}
