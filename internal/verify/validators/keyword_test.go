package validators_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/keyword"
	"github.com/twiliopay/twiliopay-go/internal/validator"
	"github.com/twiliopay/twiliopay-go/internal/verify/validators"
)

// Both validators are right about the cases of each keyword, apart from known
// faults.
func TestKeywordCases(t *testing.T) {
	t.Parallel()
	p := panel(t)
	for _, document := range []string{validators.Vendor, validators.Merged} {
		text, err := validators.Document(document)
		if err != nil {
			t.Fatal(err)
		}
		cases, err := keyword.Cases(text)
		if err != nil {
			t.Fatal(err)
		}
		callbacks, err := validator.New(text)
		if err != nil {
			t.Fatal(err)
		}
		valid, excused := map[bool]int{}, 0
		for _, c := range cases {
			valid[c.Valid]++
			if c.In == keyword.InCallback {
				if err := callbacks.Callback(callbackOf(c)); (err == nil) != c.Valid {
					t.Errorf("%s: %v: %v", document, c, err)
				}
				continue
			}
			f, err := ask(p, document, c)
			if err != nil {
				t.Errorf("%v: %v", c, err)
			}
			if f.Allowed != c.Valid {
				t.Errorf("%s: %v: allowed %v (want %v), %v", document, c, f.Allowed, c.Valid, f.Err)
			}
			if f.Fault != nil {
				excused++
			}
		}
		t.Logf("| %s document: %d valid and %d invalid cases of keywords, both validators right except for %d explained by known faults",
			document, valid[true], valid[false], excused)
	}
}

func ask(p *validators.Panel, document string, c keyword.Case) (validators.Finding, error) {
	var findings []validators.Finding
	var err error
	if c.In == keyword.InResponse {
		findings, err = p.Response(validators.ResponseOf(c))
	} else {
		findings, err = p.Request(validators.RequestOf(c))
	}
	for _, f := range findings {
		if f.Document == document {
			return f, err
		}
	}
	return validators.Finding{}, err
}

func callbackOf(c keyword.Case) url.Values {
	form := url.Values{
		"AccountSid": {"AC" + strings.Repeat("0", 32)}, "CallSid": {"CA" + strings.Repeat("0", 32)}, "Sid": {"PK" + strings.Repeat("0", 32)},
	}
	form.Set(c.Field, c.Value)
	if c.Absent {
		form.Del(c.Field)
	}
	return form
}
