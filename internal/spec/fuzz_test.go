package spec_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/spec"
)

// Whatever it is given, Trim answers with a document it leaves alone from then
// on, or with one line.
func FuzzTrim(f *testing.F) {
	for _, pattern := range []string{"testdata/*.json", "testdata/forms/*.json", "../../openapi/payments.json"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no seeds in %s: %v", pattern, err)
		}
		for _, name := range files {
			f.Add(read(f, name))
		}
	}
	f.Add([]byte(`{"openapi":"3.0.1","info":{"title":"t","version":"1"},"paths":{"/Calls/{C}/Payments.json":{"post":{}},"/Calls/{C}/Payments/{S}.json":{"post":{}}}}`))
	f.Add([]byte(`[[[[`))
	f.Add([]byte("\xff"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		out, err := spec.Trim(doc)
		if err != nil {
			if out != nil || strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("output %q, error %q", out, err)
			}
			return
		}
		if !json.Valid(out) || !bytes.HasSuffix(out, []byte("}\n")) {
			t.Errorf("not a JSON document: %s", out)
		}
		again, err := spec.Trim(out)
		if err != nil || !bytes.Equal(out, again) {
			t.Errorf("trimmed again: error %v\nbefore %s\nafter %s", err, out, again)
		}
	})
}
