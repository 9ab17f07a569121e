package validator_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/validator"
)

// operationAt returns an operation that accepts any Sid and no body.
func operationAt(id string, params ...string) map[string]any {
	declared := []any{}
	for _, name := range params {
		declared = append(declared, map[string]any{"in": "path", "name": name, "required": true, "schema": map[string]any{"type": "string"}})
	}
	return map[string]any{"get": map[string]any{
		"operationId": id, "parameters": declared, "security": []any{},
		"responses": map[string]any{"204": map[string]any{"description": "done"}},
	}}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	j := newValidator(t, edited(t, func(doc, _ map[string]any) {
		doc["paths"] = map[string]any{
			"/p/{Sid}":     operationAt("Any", "Sid"),
			"/p/~whole":    operationAt("Whole"),
			"/q/a.{Sid}.b": operationAt("Middle", "Sid"),
		}
	}))
	tests := map[string]validator.Request{
		"/p/~whole":      {Operation: "Whole"}, // the template without parameters comes first
		"/p/~wh%6Fle":    {Operation: "Whole"},
		"/p/whole2":      {Operation: "Any", SID: "whole2"},
		"/p/a%2Fb":       {Operation: "Any", SID: "a/b"},
		"/p/a%252Fb":     {Operation: "Any", SID: "a%2Fb"}, // unescaped once
		"/p/a+b":         {Operation: "Any", SID: "a+b"},
		"/p/..":          {Operation: "Any", SID: ".."},
		"/p/":            {Operation: "Any"},
		"/q/a..b":        {Operation: "Middle"},
		"/q/a.1.b":       {Operation: "Middle", SID: "1"},
		"/q/a.b":         {}, // prefix and suffix do not overlap
		"/q/a.1":         {},
		"/p":             {},
		"/p/x/y":         {},
		"/p%2F~whole":    {},
		"/P/~whole":      {},
		"/p/../p/~whole": {},
	}
	for target, want := range tests {
		got, err := j.Request(newRequest(t, http.MethodGet, target, map[string]string{"Authorization": ""}), nil)
		if got.Operation != want.Operation || got.SID != want.SID {
			t.Errorf("%s is %q of %q, want %q of %q", target, got.Operation, got.SID, want.Operation, want.SID)
		}
		if found := want.Operation != ""; found != (err == nil) || !found && !errors.Is(err, validator.ErrRoute) {
			t.Errorf("%s: %v, want found %v", target, err, want.Operation != "")
		}
	}
	_, err := j.Request(newRequest(t, http.MethodGet, "/p/x", nil), []byte("a=b"))
	if place(t, err) != "body" {
		t.Errorf("a body that is not declared: %v", err)
	}
}

// Of two templates that match equally well, the same one is always used.
func TestRouteOrder(t *testing.T) {
	t.Parallel()
	for range 10 {
		j := newValidator(t, edited(t, func(doc, _ map[string]any) {
			doc["paths"] = map[string]any{"/x/{Sid}": operationAt("TailParameter", "Sid"), "/{Sid}/y": operationAt("HeadParameter", "Sid")}
		}))
		if got, err := j.Request(newRequest(t, http.MethodGet, "/x/y", nil), nil); err != nil || got.Operation != "TailParameter" {
			t.Fatalf("%q (want \"TailParameter\"), %v", got.Operation, err)
		}
	}
}

func TestSecurityMayBeOptional(t *testing.T) {
	t.Parallel()
	basic, none := map[string]any{"accountSid_authToken": []any{}}, map[string]any{}
	for name, test := range map[string]struct {
		security any
		want     error
	}{
		"required": {[]any{basic}, validator.ErrSecurity},
		"optional": {[]any{basic, none}, nil},
		"none":     {[]any{}, nil},
	} {
		j := newValidator(t, edited(t, func(_, create map[string]any) { create["security"] = test.security }))
		r := newRequest(t, http.MethodPost, createPath, map[string]string{"Authorization": ""})
		if _, err := j.Request(r, []byte(minBody)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

// Names inside an open object come from the request, so they are not shown.
func TestNamesInOpenObjectsAreNotShown(t *testing.T) {
	t.Parallel()
	j := newValidator(t, edited(t, func(doc, _ map[string]any) {
		at(doc, "components", "schemas", "api.v2010.account.call.payments")["additionalProperties"] = map[string]any{"type": "integer"}
	}))
	err := j.Response("CreatePayments", 201, http.Header{"Content-Type": {"application/json"}}, []byte(`{"4111111111111111": "x"}`))
	if place(t, err) != "body" || strings.Contains(err.Error(), "4111") {
		t.Errorf("error %v, want one for the body without a name", err)
	}
}
