package validator_test

import (
	"net/http"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/testvectors"
)

func TestResponseVectors(t *testing.T) {
	t.Parallel()
	var ids []string
	all := testvectors.Responses()
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	verdicts := readVerdicts(t, "testdata/responses.json", ids)
	byVendor, byMerged := vendor(t), merged(t)
	for _, r := range all {
		v := verdicts[r.ID]
		wantVendor, wantMerged := v.places()
		if !v.agrees(r.Says) {
			t.Errorf("%s: the verdict contradicts the contract", r.ID)
		}
		header := http.Header{}
		for name, value := range r.Headers {
			header.Set(name, value)
		}
		if got := place(t, byVendor.Response("CreatePayments", r.Status, header, []byte(r.Body))); got != wantVendor {
			t.Errorf("%s by the vendor's document: refused at %q, want %q", r.ID, got, wantVendor)
		}
		if got := place(t, byMerged.Response("CreatePayments", r.Status, header, []byte(r.Body))); got != wantMerged {
			t.Errorf("%s by the merged document: refused at %q, want %q", r.ID, got, wantMerged)
		}
	}
}

// Trimming drops the responses' headers. The only one that the vendor's full document
// declares as other than text, for both operations, is still checked.
func TestTrimmedHeader(t *testing.T) {
	t.Parallel()
	j := merged(t)
	for operation, status := range map[string]int{"CreatePayments": 201, "UpdatePayments": 202} {
		for value, refused := range map[string]string{"true": "", "false": "", "maybe": "header Access-Control-Allow-Credentials"} {
			h := http.Header{"Content-Type": {"application/json"}, "Access-Control-Allow-Credentials": {value}}
			if got := place(t, j.Response(operation, status, h, []byte("{}"))); got != refused {
				t.Errorf("%s with %s: refused at %q, want %q", operation, value, got, refused)
			}
		}
	}
}
