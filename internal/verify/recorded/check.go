package recorded

import (
	"fmt"
	"net/http"

	"github.com/twiliopay/twiliopay-go/internal/verify/validators"
)

// check returns an error if a record is invalid or the validators disagree
// about it.
func check(p *validators.Panel, r Record) error {
	var findings []validators.Finding
	var err error
	if r.Response {
		findings, err = p.Response(r.response())
	} else {
		findings, err = p.Request(r.request())
	}
	if err != nil || !r.Checked && !r.Response {
		return err
	}
	for _, f := range findings {
		// The vendor's document declares only successful responses.
		if f.Document == validators.Vendor && r.Response && r.Status >= http.StatusBadRequest {
			continue
		}
		if !f.Allowed {
			return fmt.Errorf("the %s document does not allow it: %w", f.Document, f.Err)
		}
	}
	return nil
}
