package validator_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/validator"
)

func TestResponse(t *testing.T) {
	t.Parallel()
	const secret = "4111111111111111"
	const apiError = `{"code": 20404, "message": "No", "more_info": "https://www.twilio.com/docs/errors/20404", "status": 404}`
	session := sessionJSON
	tests := map[string]struct {
		operation   string // CreatePayments by default
		status      int
		contentType string // application/json by default
		body        string
		want        string
	}{
		"created":                 {status: 201, body: session},
		"accepted":                {operation: "UpdatePayments", status: 202, body: session},
		"created on update":       {operation: "UpdatePayments", status: 201, body: session, want: "status: is not declared"},
		"accepted on create":      {status: 202, body: session, want: "status: is not declared"},
		"success by default":      {status: 200, body: "{}", want: "status: is not declared"},
		"redirect by default":     {status: 302, body: "{}", want: "status: is not declared"},
		"no status":               {status: 0, body: "{}", want: "status: is not declared"},
		"beyond errors":           {status: 600, body: "{}", want: "status: is not declared"},
		"unknown operation":       {operation: "FetchPayments", status: 200, body: "{}", want: "path: no such operation"},
		"error":                   {status: 404, body: apiError},
		"error on update":         {operation: "UpdatePayments", status: 503, body: `{"code": null, "details": {"any": [1]}}`},
		"error of text code":      {status: 400, body: `{"code": "` + secret + `"}`, want: "body code: is not of type integer"},
		"error of broken code":    {status: 400, body: `{"code": 1.5}`, want: "body code: is not of type integer"},
		"error of huge code":      {status: 400, body: `{"code": 1e999}`, want: "body code: is not of type integer"},
		"error in HTML":           {status: 502, contentType: "text/html", body: "<p>" + secret, want: "header Content-Type: is not application/json"},
		"charset":                 {status: 201, contentType: "application/json; charset=UTF-8", body: session},
		"other charset":           {status: 201, contentType: "application/json; charset=utf-16", body: session, want: "header Content-Type: has a charset other than utf-8"},
		"unknown field":           {status: 201, body: `{"new": 1}`},
		"space around":            {status: 201, body: " {}\r\n"},
		"no body":                 {status: 201, want: "body: is not one JSON text in UTF-8"},
		"truncated":               {status: 201, body: session[:40], want: "body: is not one JSON text in UTF-8"},
		"second text":             {status: 201, body: "{} {}", want: "body: is not one JSON text in UTF-8"},
		"trailing bytes":          {status: 201, body: "{}" + secret, want: "body: is not one JSON text in UTF-8"},
		"trailing bracket":        {status: 201, body: "{}}", want: "body: is not one JSON text in UTF-8"},
		"not UTF-8":               {status: 201, body: `{"uri": "` + "\xff" + `"}`, want: "body: is not one JSON text in UTF-8"},
		"wrong SID":               {status: 201, body: `{"sid": "` + secret + `"}`, want: "body sid: is shorter than 34"},
		"SID of a call":           {status: 201, body: `{"sid": "` + callSID + `"}`, want: "body sid: does not match ^PK[0-9a-fA-F]{32}$"},
		"date without weekday":    {status: 201, body: `{"date_created": "18 Dec 2019 20:02:01 +0000"}`},
		"date of an empty string": {status: 201, body: `{"date_created": ""}`, want: "body date_created: is not of format date-time-rfc-2822"},
		"date of no such month":   {status: 201, body: `{"date_updated": "Wed, 18 Foo 2019 20:02:01 +0000"}`, want: "body date_updated: is not of format date-time-rfc-2822"},
	}
	j := merged(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			operation, header := "CreatePayments", http.Header{"Content-Type": {"application/json"}}
			if test.operation != "" {
				operation = test.operation
			}
			if test.contentType != "" {
				header.Set("Content-Type", test.contentType)
			}
			err := j.Response(operation, test.status, header, []byte(test.body))
			if err == nil {
				if test.want != "" {
					t.Errorf("accepted, want %q", test.want)
				}
				return
			}
			var v *validator.Violation
			if !errors.As(err, &v) || err.Error() != test.want {
				t.Fatalf("error %q, want the violation %q", err, test.want)
			}
			if strings.Contains(fmt.Sprintf("%+v", *v), secret) {
				t.Errorf("the violation holds what was sent: %+v", *v)
			}
		})
	}
}

func TestResponseWithoutBody(t *testing.T) {
	t.Parallel()
	j := newValidator(t, edited(t, func(_, create map[string]any) {
		at(create, "responses")["204"] = map[string]any{"description": "gone"}
	}))
	if err := j.Response("CreatePayments", 204, http.Header{}, nil); err != nil {
		t.Error(err)
	}
	if err := j.Response("CreatePayments", 204, http.Header{}, []byte("{}")); place(t, err) != "body" {
		t.Errorf("a body that is not declared: %v", err)
	}
}

func TestResponseHeadersOfTheDocument(t *testing.T) {
	t.Parallel()
	j := newValidator(t, edited(t, func(_, create map[string]any) {
		at(create, "responses", "201")["headers"] = map[string]any{"x-left": map[string]any{"schema": map[string]any{"type": "integer", "maximum": 9}}}
	}))
	for value, want := range map[string]string{"9": "", "10": "header X-Left", "x": "header X-Left"} {
		h := http.Header{"Content-Type": {"application/json"}, "X-Left": {value}}
		if got := place(t, j.Response("CreatePayments", 201, h, []byte("{}"))); got != want {
			t.Errorf("%s: refused at %q, want %q", value, got, want)
		}
	}
}
