package payments_test

import (
	"context"
	"regexp"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// A SID is accepted exactly if it matches the contract's pattern.
func TestSIDPatterns(t *testing.T) {
	t.Parallel()
	pattern := regexp.MustCompile("^CA[0-9a-fA-F]{32}$")
	client := newClient(t, newServer(t, success).URL)
	for c := range 256 {
		for at := range 3 {
			sid := []byte(callSID)
			sid[[]int{0, 2, 33}[at]] = byte(c)
			_, err := client.Create(context.Background(), string(sid), payments.CreateParams{StatusCallback: callback})
			if want := pattern.Match(sid); (err == nil) != want {
				t.Errorf("%q: %v, matches the contract's pattern: %v", sid, err, want)
			}
		}
	}
}
