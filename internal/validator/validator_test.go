package validator_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/validator"
)

// edited returns the vendor's document after a change.
func edited(t *testing.T, change func(doc, create map[string]any)) []byte {
	t.Helper()
	var doc map[string]any
	readJSON(t, "../../openapi/payments.json", &doc)
	path := at(doc, "paths", "/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Payments.json")
	change(doc, at(path, "post"))
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func at(m map[string]any, keys ...string) map[string]any {
	for _, key := range keys {
		m = m[key].(map[string]any)
	}
	return m
}

func TestNewRefusesWhatItCannotCheck(t *testing.T) {
	t.Parallel()
	text := map[string]any{"type": "string"}
	tests := map[string]struct {
		change func(doc, create map[string]any)
		want   string
	}{
		"invalid document": {func(doc, _ map[string]any) { delete(doc, "info") }, "validate document"},
		"no operations":    {func(doc, _ map[string]any) { doc["paths"] = map[string]any{} }, "no operations"},
		"header parameter": {func(_, create map[string]any) {
			create["parameters"] = append(create["parameters"].([]any), map[string]any{"in": "header", "name": "X-Mode", "schema": text})
		}, "only text in the path"},
		"other security scheme": {func(doc, _ map[string]any) {
			at(doc, "components", "securitySchemes", "accountSid_authToken")["scheme"] = "bearer"
		}, "only HTTP Basic"},
		"no operationId": {func(_, create map[string]any) { delete(create, "operationId") }, "no operationId"},
		"JSON request": {func(_, create map[string]any) {
			create["requestBody"] = map[string]any{"content": map[string]any{"application/json": map[string]any{"schema": text}}}
		}, "only application/x-www-form-urlencoded"},
		"form that is not an object": {func(_, create map[string]any) {
			create["requestBody"] = map[string]any{"content": map[string]any{formType: map[string]any{"schema": text}}}
		}, "only a plain object"},
		"text response": {func(_, create map[string]any) {
			at(create, "responses", "201")["content"] = map[string]any{"text/plain": map[string]any{"schema": text}}
		}, "only application/json"},
		"range of statuses": {func(_, create map[string]any) {
			at(create, "responses")["4XX"] = map[string]any{"description": "no"}
		}, "ranges of statuses"},
		"required header": {func(_, create map[string]any) {
			at(create, "responses", "201")["headers"] = map[string]any{"X-Mode": map[string]any{"required": true, "schema": text}}
		}, "only optional headers"},
		"two parameters between slashes": {func(doc, create map[string]any) {
			at(doc, "paths")["/a/{AccountSid}{CallSid}"] = map[string]any{"post": create}
			delete(at(doc, "paths"), "/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Payments.json")
		}, "more than one parameter"},
		"callbacks that differ": {func(_, create map[string]any) {
			create["callbacks"] = map[string]any{"a": callback("A"), "b": callback("B")}
		}, "differs"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := validator.New(edited(t, test.change))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one about %q", err, test.want)
			}
		})
	}
	if _, err := validator.New([]byte("{")); err == nil {
		t.Error("a document that is not JSON was accepted")
	}
}

// callback returns a callback with one form field.
func callback(field string) map[string]any {
	schema := map[string]any{"type": "object", "properties": map[string]any{field: map[string]any{"type": "string"}}}
	return map[string]any{"{$request.body#/StatusCallback}": map[string]any{"post": map[string]any{
		"requestBody": map[string]any{"content": map[string]any{formType: map[string]any{"schema": schema}}},
		"responses":   map[string]any{"204": map[string]any{"description": "taken"}},
	}}}
}

// The vendor's documents have declared Parameter without a type and as an object.
func TestParameterIsTextWhateverItsType(t *testing.T) {
	t.Parallel()
	for _, declared := range []map[string]any{{}, {"type": "object"}, {"type": "string"}} {
		j := newValidator(t, edited(t, func(doc, _ map[string]any) {
			at(doc, "components", "schemas", "CreatePaymentsRequest", "properties")["Parameter"] = declared
		}))
		for _, text := range []string{"", "x", "5", "null", "%7B%22a%22%3A%22b%22%7D", "%5B1%5D"} {
			r := newRequest(t, http.MethodPost, createPath, nil)
			req, err := j.Request(r, []byte(minBody+"&Parameter="+text))
			if err != nil || !req.Form.Has("Parameter") {
				t.Errorf("declared %v, sent %s: %v", declared, text, err)
			}
		}
	}
}

// A base path in servers would shift every route, so servers are ignored at every level.
func TestServersAreIgnored(t *testing.T) {
	t.Parallel()
	servers := []any{map[string]any{"url": "https://elsewhere.example/base"}}
	j := newValidator(t, edited(t, func(doc, create map[string]any) {
		doc["servers"], create["servers"] = servers, servers
		at(doc, "paths", "/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Payments.json")["servers"] = servers
	}))
	if _, err := j.Request(newRequest(t, http.MethodPost, createPath, nil), []byte(minBody)); err != nil {
		t.Error(err)
	}
}

func TestValidatorIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	j := merged(t)
	cases := requestCases(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, c := range cases {
				r, body := c.wire(t)
				_, want := c.verdict.places()
				if _, err := j.Request(r, body); place(t, err) != want {
					t.Errorf("%s: %v, want %q", c.ID, err, want)
				}
				if err := j.Response("CreatePayments", 201, http.Header{"Content-Type": {"application/json"}}, []byte(`{"sid": null}`)); err != nil {
					t.Error(err)
				}
				if err := j.Callback(startCallback()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
