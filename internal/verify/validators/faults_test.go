package validators_test

import (
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/verify/validators"
)

// A fault that is fixed must be removed from the list.
func TestKnownFaultsStillOccur(t *testing.T) {
	t.Parallel()
	p := panel(t)
	for _, f := range validators.Faults {
		t.Run(f.Validator+" "+f.Name, func(t *testing.T) {
			t.Parallel()
			for _, j := range p.Validators(f.Document) {
				var err error
				explained := false
				switch {
				case f.SampleRequest != nil:
					err, explained = j.Request(*f.SampleRequest), f.Request(*f.SampleRequest)
				case f.SampleResponse != nil:
					err, explained = j.Response(*f.SampleResponse), f.Response(*f.SampleResponse)
				default:
					t.Fatal("has no sample")
				}
				if !explained {
					t.Error("does not explain its own sample")
				}
				wrong := (err == nil) == f.Accepts
				if faulty := j.Name() == f.Validator; wrong && !faulty {
					t.Errorf("%s has it too: %v", j.Name(), err)
				} else if !wrong && faulty {
					t.Errorf("is fixed (%v): remove it from the list", err)
				}
			}
		})
	}
}
