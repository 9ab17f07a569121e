package validators_test

import (
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/golden"
	"github.com/twiliopay/twiliopay-go/internal/verify/validators"
)

// Both validators allow the client's golden requests by both documents, without
// relying on a known fault.
func TestGoldenRequestsPass(t *testing.T) {
	t.Parallel()
	requests, err := golden.Requests()
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range requests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings, err := panel(t).Request(validators.Request(r))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range findings {
				if f.Fault != nil || !f.Allowed {
					t.Errorf("%s: allowed %v, fault %v, error %v", f.Document, f.Allowed, f.Fault, f.Err)
				}
			}
		})
	}
}
