package validators

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/mail"
	"net/url"
	"strings"
	"sync"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	faults "github.com/pb33f/libopenapi-validator/errors"
)

const formType = "application/x-www-form-urlencoded"

// pb33f is libopenapi-validator in strict mode, forms and formats included.
type pb33f struct {
	validator validator.Validator
	mu        *sync.Mutex
}

// Libopenapi returns libopenapi-validator as a Validator, with its own copy of
// the document: see forLibopenapi.
func Libopenapi(document []byte) (Validator, error) {
	document, err := forLibopenapi(document)
	if err != nil {
		return nil, fmt.Errorf("libopenapi: %w", err)
	}
	parsed, err := libopenapi.NewDocument(document)
	if err != nil {
		return nil, fmt.Errorf("libopenapi: read document: %w", err)
	}
	v, errs := validator.NewValidator(parsed,
		config.WithStrictMode(),
		config.WithURLEncodedBodyValidation(),
		config.WithRejectUnsupportedBodyContent(),
		config.WithRejectUndeclaredRequestBody(),
		config.WithFormatAssertions(),
		config.WithContentAssertions(),
		config.WithCustomFormat("date-time-rfc-2822", rfc2822),
		config.WithStrictIgnoredHeadersExtra("accept-charset", "twilio-request-id", "retry-after"),
	)
	if len(errs) > 0 {
		return nil, fmt.Errorf("libopenapi: %w", errors.Join(errs...))
	}
	if ok, found := v.ValidateDocument(); !ok {
		return nil, fmt.Errorf("libopenapi: validate document: %w", joined(found))
	}
	return pb33f{v, new(sync.Mutex)}, nil
}

func rfc2822(v any) error {
	text, ok := v.(string)
	if !ok {
		return nil
	}
	_, err := mail.ParseDate(text)
	return err
}

func (pb33f) Name() string { return "libopenapi" }

func (p pb33f) Request(r Request) error {
	request, err := r.http()
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if ok, found := p.validator.ValidateHttpRequestSync(request); !ok {
		return joined(found)
	}
	return nil
}

func (p pb33f) Response(a Response) error {
	request, err := a.Request.http()
	if err != nil {
		return err
	}
	response := &http.Response{
		StatusCode: a.Status, Header: a.Header, Request: request,
		Body: io.NopCloser(strings.NewReader(a.Body)), ContentLength: int64(len(a.Body)),
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if ok, found := p.validator.ValidateHttpResponse(request, response); !ok {
		return joined(found)
	}
	return nil
}

// http is the request as net/http's server passes it to a handler.
func (r Request) http() (*http.Request, error) {
	u, err := url.ParseRequestURI(r.Target)
	if err != nil {
		return nil, err
	}
	return &http.Request{
		Method: r.Method, URL: u, Host: "127.0.0.1", RequestURI: r.Target, Header: r.Header.Clone(),
		Body: io.NopCloser(strings.NewReader(r.Body)), ContentLength: int64(len(r.Body)),
	}, nil
}

func joined(found []*faults.ValidationError) error {
	all := make([]error, 0, len(found))
	for _, f := range found {
		all = append(all, errors.New(f.ValidationType+": "+f.Reason))
	}
	return errors.Join(all...)
}

// forLibopenapi marks every form property allowReserved: the library looks for
// reserved characters in the decoded value, where they are allowed, and not on
// the wire. The document is otherwise unchanged.
func forLibopenapi(document []byte) ([]byte, error) {
	var doc map[string]any
	if err := json.Unmarshal(document, &doc); err != nil {
		return nil, err
	}
	schemas := at(doc, "components", "schemas")
	for _, item := range at(doc, "paths") {
		body := at(item, "post", "requestBody", "content", formType)
		if body == nil {
			return nil, errors.New("an operation without a form")
		}
		ref, _ := at(body, "schema")["$ref"].(string)
		encoding := map[string]any{}
		for name := range at(schemas, strings.TrimPrefix(ref, "#/components/schemas/"), "properties") {
			encoding[name] = map[string]any{"allowReserved": true}
		}
		if len(encoding) == 0 {
			return nil, errors.New("a form without properties")
		}
		body["encoding"] = encoding
	}
	return json.Marshal(doc)
}

// at walks down objects by their keys.
func at(value any, keys ...string) map[string]any {
	object, _ := value.(map[string]any)
	for _, key := range keys {
		object, _ = object[key].(map[string]any)
	}
	return object
}
