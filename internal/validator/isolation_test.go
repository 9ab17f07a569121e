package validator_test

import (
	"errors"
	"maps"
	"net/http"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// A program may register formats for its own documents, process-wide, while a validator
// is in use: there is no data race, and no result changes. The test is not parallel,
// because the registry is global.
func TestOtherUsersOfKinOpenAPI(t *testing.T) {
	refuse := func(string) error { return errors.New("no") }
	before := maps.Clone(openapi3.SchemaStringFormats)
	j := merged(t)
	if len(openapi3.SchemaStringFormats) != len(before) {
		t.Error("a validator registers global formats")
	}
	formats := []string{"uri", "date-time-rfc-2822"}
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 100 {
			for _, name := range formats {
				openapi3.DefineStringFormatValidator(name, openapi3.NewCallbackValidator(refuse))
			}
		}
	})
	wg.Go(func() {
		for range 100 {
			if _, err := j.Request(newRequest(t, http.MethodPost, createPath, nil), []byte(minBody)); err != nil {
				t.Error(err)
			}
			header := http.Header{"Content-Type": {"application/json"}}
			if err := j.Response("CreatePayments", 201, header, []byte(sessionJSON)); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	for _, name := range formats {
		delete(openapi3.SchemaStringFormats, name)
	}
}
