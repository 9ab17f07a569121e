package judge_test

import (
	"cmp"
	"net/http"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// requestCase is one request and its verdicts. Says is what the contract says
// by independent reading: accept, reject or open, when it can be read both
// ways; Why is then our reason.
type requestCase struct {
	ID, Says       string
	Method, Target string
	Headers        map[string]string
	Body           *string
	Refused        string  // place of the violation by the vendor's document
	Merged         *string // the same by the merged one where it differs, or "accept"
	Why            string
}

func (c requestCase) wire(t *testing.T) (*http.Request, []byte) {
	t.Helper()
	target, body := cmp.Or(c.Target, createPath), minBody
	if c.Target == "update" {
		target = updatePath
	}
	if c.Body != nil {
		body = expand(*c.Body)
	}
	return newRequest(t, cmp.Or(c.Method, http.MethodPost), expand(target), c.Headers), []byte(body)
}

func (c requestCase) verdicts() (vendor, merged string) {
	switch {
	case c.Merged == nil:
		return c.Refused, c.Refused
	case *c.Merged == "accept":
		return c.Refused, ""
	}
	return c.Refused, *c.Merged
}

// tightened are the requests that the vendor's schemas allow and our overlay
// refuses on purpose.
var tightened = []string{
	"num:-1",      // ChargeAmount: minimum 0, as 64003 says
	"num:1e%2B06", // ChargeAmount: below 1000000, as the vendor's text says
	"num:1e6",     // the same
}

func TestRequestVectors(t *testing.T) {
	t.Parallel()
	var cases []requestCase
	readJSON(t, "testdata/requests.json", &cases)
	byVendor, byMerged := vendor(t), merged(t)
	var differing []string
	for _, c := range cases {
		wantVendor, wantMerged := c.verdicts()
		if wantVendor != wantMerged {
			differing = append(differing, c.ID)
		}
		switch {
		case c.Says == "accept" && wantVendor == "", c.Says == "reject" && wantVendor != "", c.Says == "open" && c.Why != "":
		default:
			t.Errorf("%s: the table contradicts the contract", c.ID)
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

// TestRequestTable shows that testdata is the shared vectors: the same
// requests, to the byte, with the same verdicts.
func TestRequestTable(t *testing.T) {
	t.Parallel()
	var shared struct {
		Requests []struct {
			ID, Oracle, Method, Target string
			Headers                    map[string]string
			Body                       *string
		}
	}
	var cases []requestCase
	readJSON(t, "testdata/requests.json", &cases)
	if len(cases) != 102 {
		t.Errorf("%d cases, want 102", len(cases))
	}
	if !readShared(t, "vectors/requests.json", &shared) {
		return
	}
	own := map[string]requestCase{}
	for _, c := range cases {
		own[c.ID] = c
	}
	for _, s := range shared.Requests {
		c, ok := own[s.ID]
		if !ok {
			t.Errorf("%s is missing", s.ID)
			continue
		}
		delete(own, s.ID)
		if says := map[string]string{"ambiguous": "open"}; cmp.Or(says[s.Oracle], s.Oracle) != c.Says {
			t.Errorf("%s: says %s, want %s", s.ID, c.Says, s.Oracle)
		}
		headers := map[string]string{"Content-Type": s.Headers["Content-Type"], "Authorization": s.Headers["Authorization"]}
		want := newRequest(t, s.Method, s.Target, headers)
		got, body := c.wire(t)
		if got.Method != want.Method || got.URL.String() != want.URL.String() || string(body) != latin1(s.Body) {
			t.Errorf("%s: method, target or body differ", s.ID)
		}
		if diff := gocmp.Diff(want.Header, got.Header); diff != "" {
			t.Errorf("%s: headers (-want +got):\n%s", s.ID, diff)
		}
	}
	for id := range own {
		t.Errorf("%s is no shared vector", id)
	}
}

// latin1 returns the bytes that the text stands for, one a character.
func latin1(text *string) string {
	if text == nil {
		return ""
	}
	var b []byte
	for _, c := range *text {
		b = append(b, byte(c))
	}
	return string(b)
}
