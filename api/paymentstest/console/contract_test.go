package console_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var document = sync.OnceValues(func() (*openapi3.T, error) {
	data, err := os.ReadFile("openapi.json")
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(context.Background())
})

func init() {
	for _, kind := range []string{"text/html", "text/event-stream"} {
		openapi3filter.RegisterBodyDecoder(kind, openapi3filter.PlainBodyDecoder)
	}
}

// checkContract validates every response, and the requests that succeed, against
// the OpenAPI document: status, media type, required fields, no undeclared field.
// All requests of these tests go through here.
func checkContract(t testing.TB, req *http.Request, body []byte, a response) {
	t.Helper()
	name, isAPI := strings.CutPrefix(req.URL.Path, "/console-api")
	if !isAPI {
		return
	}
	doc, err := document()
	if err != nil {
		t.Fatal(err)
	}
	path, params := find(doc, name)
	if path == "" {
		return
	}
	item := doc.Paths.Value(path)
	operation := item.GetOperation(req.Method)
	if operation == nil {
		return
	}
	input := &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, QueryParams: req.URL.Query(),
		Route:   &routers.Route{Spec: doc, Path: path, PathItem: item, Method: req.Method, Operation: operation},
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	if a.status < 300 {
		if err := openapi3filter.ValidateRequest(t.Context(), input); err != nil {
			t.Errorf("%s %s is accepted but violates the contract: %v", req.Method, req.URL.Path, err)
		}
	}
	if err := openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: a.status, Header: a.header,
		Body: io.NopCloser(bytes.NewReader(a.body)), Options: input.Options,
	}); err != nil {
		t.Errorf("the response to %s %s violates the contract: %v", req.Method, req.URL.Path, err)
	}
}

// find returns the path template of the document that matches a path.
func find(doc *openapi3.T, name string) (path string, params map[string]string) {
	segments := strings.Split(name, "/")
	for pattern := range doc.Paths.Map() {
		parts, found := strings.Split(pattern, "/"), map[string]string{}
		fits := len(parts) == len(segments)
		for i := 0; fits && i < len(parts); i++ {
			if strings.HasPrefix(parts[i], "{") {
				found[strings.Trim(parts[i], "{}")], _ = url.PathUnescape(segments[i])
			} else {
				fits = parts[i] == segments[i]
			}
		}
		if fits {
			return pattern, found
		}
	}
	return "", nil
}

// TestDocumentedPaths compares the paths and methods of the document with those
// that are served.
func TestDocumentedPaths(t *testing.T) {
	t.Parallel()
	doc, err := document()
	if err != nil {
		t.Fatal(err)
	}
	described := map[string][]string{}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			described[path] = append(described[path], strings.ToLower(method))
			if operation.Summary == "" || operation.OperationID == "" {
				t.Errorf("%s %s has no summary or operationId", method, path)
			}
		}
	}
	d := newDesk(t)
	if diff := cmp.Diff(d.page.Patterns(), described, cmpopts.SortSlices(func(a, b string) bool { return a < b })); diff != "" {
		t.Errorf("served (-) and described (+) paths:\n%s", diff)
	}
	served := d.do(t, http.MethodGet, "/console-api/openapi.json", nil, func(r *http.Request) { r.Header.Del("Authorization") })
	if onDisk, err := os.ReadFile("openapi.json"); err != nil || !bytes.Equal(served.body, onDisk) {
		t.Error("the served document differs from openapi.json")
	}
}

// TestAPIPage checks that the HTML page about the API names every operation.
func TestAPIPage(t *testing.T) {
	t.Parallel()
	doc, err := document()
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(t)
	page := d.do(t, http.MethodGet, "/api.html", nil, func(r *http.Request) { r.Header.Del("Authorization") })
	if page.status != http.StatusOK || page.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("status %d, want %d; %v", page.status, http.StatusOK, page.header)
	}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			if !strings.Contains(string(page.body), method+" <b>console-api"+path+"</b>") || !strings.Contains(string(page.body), `id="`+operation.OperationID+`"`) {
				t.Errorf("%s %s is missing", method, path)
			}
		}
	}
}
