package suite

import (
	"fmt"
	"net/http"

	"github.com/twiliopay/twiliopay-go/internal/verify/judges"
)

// judged returns what is wrong with a record, or with the judges.
func judged(p *judges.Panel, r Record) error {
	var findings []judges.Finding
	var err error
	if r.Answer {
		findings, err = p.Answer(r.answer())
	} else {
		findings, err = p.Request(r.request())
	}
	if err != nil || !r.Checked && !r.Answer {
		return err
	}
	for _, f := range findings {
		// The vendor's document knows answers of success alone.
		if f.Document == judges.Vendor && r.Answer && r.Status >= http.StatusBadRequest {
			continue
		}
		if !f.Allowed {
			return fmt.Errorf("the %s document does not allow it: %w", f.Document, f.Err)
		}
	}
	return nil
}
