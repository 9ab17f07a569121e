package validators

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The fields of the contract that are not text.
const (
	numbers  = "ChargeAmount"
	integers = "MinPostalCodeLength Timeout"
	booleans = "PostalCode SecurityCode"
)

var requestFaults = []Fault{
	{
		Validator: "libopenapi", Name: "Go numbers", Accepts: true, Document: Vendor,
		Why:           "reads numbers by the grammar of Go: 1_000, +5, 0x1p-2, .5, 007",
		SampleRequest: with("ChargeAmount=1_000"),
		Request:       func(r Request) bool { return r.any(numbers, goNumber) },
	},
	{
		Validator: "libopenapi", Name: "Go integers", Accepts: true, Document: Vendor,
		Why:           "reads integers by the grammar of Go: +5, 007",
		SampleRequest: with("Timeout=%2B5"),
		Request:       func(r Request) bool { return r.any(integers, goInteger) },
	},
	{
		Validator: "libopenapi", Name: "64 bits", Accepts: false, Document: Vendor,
		Why:           "refuses integers beyond 64 bits, which the document does not bound",
		SampleRequest: with("MinPostalCodeLength=9223372036854775808"),
		Request:       func(r Request) bool { return r.any(integers, hugeInteger) },
	},
	{
		Validator: "libopenapi", Name: "rounded bounds", Accepts: false, Document: Merged,
		Why:           "compares with bounds after rounding to float64",
		SampleRequest: with("ChargeAmount=999999.99999999999999"),
		Request:       func(r Request) bool { return r.any(numbers, func(s string) bool { return len(s) > 15 }) },
	},
	{
		Validator: "libopenapi", Name: "Go booleans", Accepts: true, Document: Vendor,
		Why:           "reads booleans by the grammar of Go: 1, t, TRUE",
		SampleRequest: with("PostalCode=t"),
		Request:       func(r Request) bool { return r.any(booleans, goBoolean) },
	},
	{
		Validator: "libopenapi", Name: "repeated fields", Accepts: true, Document: Vendor,
		Why:           "takes the first of repeated fields and passes over the others",
		SampleRequest: with("ChargeAmount=1&ChargeAmount=x"),
		Request:       repeated,
	},
	{
		Validator: "libopenapi", Name: "bracketed names", Accepts: true, Document: Vendor,
		Why:           "takes Description[0] for a part of Description",
		SampleRequest: with("Description%5B0%5D=x"),
		Request: func(r Request) bool {
			names, _ := r.pairs()
			return strings.ContainsAny(strings.Join(names, ""), "[]")
		},
	},
	{
		Validator: "libopenapi", Name: "broken UTF-8", Accepts: true, Document: Vendor,
		Why:           "takes text that is not UTF-8",
		SampleRequest: with("Description=%FF"),
		Request:       func(r Request) bool { return !utf8.ValidString(unescape(r.Body)) },
	},
	{
		Validator: "libopenapi", Name: "no media type", Accepts: true, Document: Vendor,
		Why:           "does not look at a body without a media type where a body is optional",
		SampleRequest: sample(func(r *Request) { r.Body = "x"; r.Header.Del("Content-Type") }),
		Request:       func(r Request) bool { return r.Header.Get("Content-Type") == "" },
	},
	{
		Validator: "libopenapi", Name: "charset", Accepts: true, Document: Vendor,
		Why:           "takes any charset",
		SampleRequest: sample(func(r *Request) { r.Header.Set("Content-Type", formType+"; charset=utf-16") }),
		Request: func(r Request) bool {
			return strings.Contains(strings.ToLower(r.Header.Get("Content-Type")), "charset")
		},
	},
	{
		Validator: "libopenapi", Name: "slash at the end", Accepts: true, Document: Vendor,
		Why:           "takes a path with a slash at its end for the path without",
		SampleRequest: sample(func(r *Request) { r.Target += "/" }),
		Request:       func(r Request) bool { return strings.HasSuffix(r.Target, "/") },
	},
	{
		Validator: "libopenapi", Name: "escaped path", Accepts: false, Document: Vendor,
		Why:           "knows no path in which a letter of a fixed part is escaped, though it means the same",
		SampleRequest: sample(func(r *Request) { r.Target = strings.Replace(r.Target, "/Calls/", "/C%61lls/", 1) }),
		Request: func(r Request) bool {
			path, _, _ := strings.Cut(r.Target, "?")
			return strings.Contains(path, "%")
		},
	},
	{
		Validator: "libopenapi", Name: "credentials", Accepts: true, Document: Vendor,
		Why:           "looks at no more of HTTP Basic than its name",
		SampleRequest: sample(func(r *Request) { r.Header.Set("Authorization", "Basic %%%") }),
		Request: func(r Request) bool {
			_, _, ok := basic(r)
			return !ok && len(r.Header["Authorization"]) > 0
		},
	},
	{
		Validator: "kin", Name: "empty pair", Accepts: false, Document: Vendor,
		Why:           "takes what is between two ampersands for a field without a name; readers of forms pass over it",
		SampleRequest: sample(func(r *Request) { r.Body = "&" + r.Body }),
		Request: func(r Request) bool {
			return strings.HasPrefix(r.Body, "&") || strings.HasSuffix(r.Body, "&") || strings.Contains(r.Body, "&&")
		},
	},
	{
		Validator: "kin", Name: "format: uri", Accepts: true, Document: Merged,
		Why:           "takes any text for a URL, by decision: the vendor's prose allows relative ones",
		SampleRequest: sample(func(r *Request) { r.Body = "IdempotencyKey=k&StatusCallback=not%20a%20url" }),
		Request:       func(r Request) bool { return r.any("StatusCallback", notAbsolute) },
	},
}

func goNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil && !json.Valid([]byte(s))
}

func goInteger(s string) bool {
	_, err := strconv.ParseInt(s, 10, 64)
	return err == nil && !json.Valid([]byte(s))
}

func hugeInteger(s string) bool {
	_, err := strconv.ParseInt(s, 10, 64)
	return err != nil && json.Valid([]byte(s)) && !strings.ContainsAny(s, ".eE")
}

func goBoolean(s string) bool {
	_, err := strconv.ParseBool(s)
	return err == nil && s != "true" && s != "false"
}

func repeated(r Request) bool {
	names, _ := r.pairs()
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] {
			return true
		}
		seen[name] = true
	}
	return false
}

func notAbsolute(s string) bool {
	u, err := url.Parse(s)
	return err != nil || !u.IsAbs()
}

func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

func basic(r Request) (string, string, bool) {
	request, err := r.http()
	if err != nil {
		return "", "", false
	}
	return request.BasicAuth()
}
