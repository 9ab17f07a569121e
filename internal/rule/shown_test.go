package rule_test

import (
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/rule"
)

// An unknown capture shows nothing.
func TestShownFor(t *testing.T) {
	t.Parallel()
	captures := map[string]rule.Shown{"expiration-date": {Parameter: "ExpirationDate", Part: rule.ShowAll}}
	for capture, want := range map[string]rule.Shown{
		"expiration-date":         {Parameter: "ExpirationDate", Part: rule.ShowAll},
		"expiration-date-matcher": {Parameter: "ExpirationDate", Part: rule.ShowAll},
		"account-holder-name":     {Parameter: "AccountHolderName"},
		"":                        {},
	} {
		if got := rule.ShownFor(captures, capture); got != want {
			t.Errorf("%q: %+v, want %+v", capture, got, want)
		}
	}
}
