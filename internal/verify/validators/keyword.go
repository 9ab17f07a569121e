package validators

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/twiliopay/twiliopay-go/internal/keyword"
)

// RequestOf returns the request of a case, which is about a path or a form.
func RequestOf(c keyword.Case) Request {
	path := map[string]string{
		"AccountSid": "AC00000000000000000000000000000001",
		"CallSid":    "CA00000000000000000000000000000001",
		"Sid":        "PK00000000000000000000000000000001",
	}
	form := url.Values{"IdempotencyKey": {"k"}, "StatusCallback": {"https://pay.example.com/status"}}
	switch {
	case c.In == keyword.InPath:
		path[c.Field] = c.Value
	case c.In != keyword.InForm: // about something else: a request like any other
	case c.Absent:
		form.Del(c.Field)
	default:
		form.Set(c.Field, c.Value)
	}
	target := "/2010-04-01/Accounts/" + url.PathEscape(path["AccountSid"]) + "/Calls/" + url.PathEscape(path["CallSid"]) + "/Payments"
	if c.Operation == "UpdatePayments" {
		target += "/" + url.PathEscape(path["Sid"])
	}
	return Request{Method: http.MethodPost, Target: target + ".json", Body: form.Encode(), Header: http.Header{
		"Authorization": {sampleBasic}, "Content-Type": {formType},
	}}
}

// ResponseOf returns the response of a case that is about one.
func ResponseOf(c keyword.Case) Response {
	status, err := strconv.Atoi(c.Status)
	if err != nil {
		status = http.StatusBadRequest // one that default stands for
	}
	body, err := json.Marshal(map[string]json.RawMessage{c.Field: json.RawMessage(c.Value)})
	if err != nil {
		panic(err) // the values of cases are JSON
	}
	return Response{
		Request: RequestOf(c), Status: status,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: string(body),
	}
}
