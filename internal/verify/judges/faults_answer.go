package judges

import (
	"encoding/json"
	"strings"
)

var answerFaults = []Fault{
	{
		Judge: "libopenapi", Name: "null answer", Accepts: true, Document: Vendor,
		Why:          "takes null for an object that is not nullable",
		SampleAnswer: sampleOf(func(a *Answer) { a.Body = "null" }),
		Answer:       func(a Answer) bool { return strings.TrimSpace(a.Body) == "null" },
	},
	{
		Judge: "libopenapi", Name: "charset of an answer", Accepts: true, Document: Vendor,
		Why:          "takes any charset",
		SampleAnswer: sampleOf(func(a *Answer) { a.Header.Set("Content-Type", "application/json; charset=utf-16") }),
		Answer:       func(a Answer) bool { return strings.Contains(strings.ToLower(a.Header.Get("Content-Type")), "charset") },
	},
	{
		Judge: "libopenapi", Name: "strict mode", Accepts: false, Document: Vendor,
		Why:          "strict mode, wanted for what our server says, refuses fields the document does not forbid",
		SampleAnswer: sampleOf(func(a *Answer) { a.Body = `{"sid":"PK00000000000000000000000000000001","new":1}` }),
		Answer:       undeclared,
	},
	{
		Judge: "libopenapi", Name: "trimmed header", Accepts: true, Document: Vendor,
		Why:          "judges by the trimmed document, in which answers have no headers; kin remembers the one that was not text",
		SampleAnswer: sampleOf(func(a *Answer) { a.Header.Set("Access-Control-Allow-Credentials", "maybe") }),
		Answer:       func(a Answer) bool { return a.Header.Get("Access-Control-Allow-Credentials") != "" },
	},
}

// undeclared reports whether a JSON object has a field that no answer has, or
// anything in details, which are open.
func undeclared(a Answer) bool {
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
