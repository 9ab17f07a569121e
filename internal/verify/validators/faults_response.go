package validators

import (
	"encoding/json"
	"strings"
)

var responseFaults = []Fault{
	{
		Validator: "libopenapi", Name: "null response", Accepts: true, Document: Vendor,
		Why:            "takes null for an object that is not nullable",
		SampleResponse: sampleOf(func(a *Response) { a.Body = "null" }),
		Response:       func(a Response) bool { return strings.TrimSpace(a.Body) == "null" },
	},
	{
		Validator: "libopenapi", Name: "charset of a response", Accepts: true, Document: Vendor,
		Why:            "takes any charset",
		SampleResponse: sampleOf(func(a *Response) { a.Header.Set("Content-Type", "application/json; charset=utf-16") }),
		Response: func(a Response) bool {
			return strings.Contains(strings.ToLower(a.Header.Get("Content-Type")), "charset")
		},
	},
	{
		Validator: "libopenapi", Name: "strict mode", Accepts: false, Document: Vendor,
		Why:            "strict mode, wanted for what our server says, refuses fields the document does not forbid",
		SampleResponse: sampleOf(func(a *Response) { a.Body = `{"sid":"PK00000000000000000000000000000001","new":1}` }),
		Response:       undeclared,
	},
	{
		Validator: "libopenapi", Name: "trimmed header", Accepts: true, Document: Vendor,
		Why:            "validates by the trimmed document, in which responses have no headers; kin remembers the one that was not text",
		SampleResponse: sampleOf(func(a *Response) { a.Header.Set("Access-Control-Allow-Credentials", "maybe") }),
		Response:       func(a Response) bool { return a.Header.Get("Access-Control-Allow-Credentials") != "" },
	},
}

// undeclared reports whether a JSON object has an undeclared field, or anything
// in details, which may have any fields.
func undeclared(a Response) bool {
	var object map[string]json.RawMessage
	_ = json.Unmarshal([]byte(a.Body), &object)
	for name, value := range object {
		if !strings.Contains(" account_sid call_sid date_created date_updated sid uri code message more_info status details ", " "+name+" ") {
			return true
		}
		if name == "details" && string(value) != "{}" && string(value) != "null" {
			return true
		}
	}
	return false
}
