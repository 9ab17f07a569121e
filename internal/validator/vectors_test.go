package validator_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/internal/testvectors"
)

// verdict is our verdict on a vector. A vector without one is accepted by both
// documents. Why is our reason if the contract allows both readings.
type verdict struct {
	ID      string
	Refused string  // location of the violation by the vendor's document
	Merged  *string // the same by the merged document if it differs, or "accept"
	Why     string
}

func (v verdict) places() (vendor, merged string) {
	switch {
	case v.Merged == nil:
		return v.Refused, v.Refused
	case *v.Merged == "accept":
		return v.Refused, ""
	}
	return v.Refused, *v.Merged
}

// agrees reports whether the verdict matches the contract's, or gives a reason where the
// contract is open.
func (v verdict) agrees(says string) bool {
	vendor, _ := v.places()
	switch says {
	case testvectors.Accept:
		return vendor == ""
	case testvectors.Reject:
		return vendor != ""
	}
	return says == testvectors.Open && v.Why != ""
}

// readVerdicts reads verdicts; each must be for one of the vectors with these IDs.
func readVerdicts(t *testing.T, file string, ids []string) map[string]verdict {
	t.Helper()
	var list []verdict
	readJSON(t, file, &list)
	verdicts := map[string]verdict{}
	for _, v := range list {
		if !slices.Contains(ids, v.ID) {
			t.Errorf("%s: %s is not a vector", file, v.ID)
		}
		if _, twice := verdicts[v.ID]; twice {
			t.Errorf("%s: %s is repeated", file, v.ID)
		}
		verdicts[v.ID] = v
	}
	return verdicts
}

// requestCase is one request and our verdict.
type requestCase struct {
	testvectors.Request
	verdict verdict
}

func (c requestCase) wire(t *testing.T) (*http.Request, []byte) {
	t.Helper()
	header := http.Header{}
	for name, value := range c.Headers {
		if name != "Host" { // net/http keeps it elsewhere
			header.Set(name, value)
		}
	}
	return wire(t, c.Method, c.Target, header), []byte(c.Body)
}

func wire(t *testing.T, method, target string, header http.Header) *http.Request {
	t.Helper()
	u, err := url.ParseRequestURI(target)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Request{Method: method, URL: u, Header: header}
}

func requestCases(t *testing.T) []requestCase {
	t.Helper()
	var ids []string
	all := testvectors.Requests()
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	verdicts := readVerdicts(t, "testdata/requests.json", ids)
	cases := make([]requestCase, 0, len(all))
	for _, r := range all {
		cases = append(cases, requestCase{r, verdicts[r.ID]})
	}
	return cases
}

// tightened lists the requests that the vendor's schemas allow and our overlay refuses
// on purpose.
var tightened = []string{
	"num:-1",      // ChargeAmount: minimum 0, as 64003 says
	"num:1e%2B06", // ChargeAmount: below 1000000, as the vendor's text says
	"num:1e6",     // the same
}

func TestRequestVectors(t *testing.T) {
	t.Parallel()
	byVendor, byMerged := vendor(t), merged(t)
	var differing []string
	for _, c := range requestCases(t) {
		wantVendor, wantMerged := c.verdict.places()
		if wantVendor != wantMerged {
			differing = append(differing, c.ID)
		}
		if !c.verdict.agrees(c.Says) {
			t.Errorf("%s: the verdict contradicts the contract", c.ID)
		}
		r, body := c.wire(t)
		_, err := byVendor.Request(r, body)
		if got := place(t, err); got != wantVendor {
			t.Errorf("%s by the vendor's document: refused at %q, want %q", c.ID, got, wantVendor)
		}
		_, err = byMerged.Request(r, body)
		if got := place(t, err); got != wantMerged {
			t.Errorf("%s by the merged document: refused at %q, want %q", c.ID, got, wantMerged)
		}
	}
	slices.Sort(differing)
	if diff := gocmp.Diff(tightened, differing); diff != "" {
		t.Errorf("requests that only the overlay refuses (-want +got):\n%s", diff)
	}
}
