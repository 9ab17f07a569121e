package judges_test

import (
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/verify/judges"
)

// A fault that is mended explains nothing any more: it has to go.
func TestFaultsAreStillThere(t *testing.T) {
	t.Parallel()
	p := panel(t)
	for _, f := range judges.Faults {
		t.Run(f.Judge+" "+f.Name, func(t *testing.T) {
			t.Parallel()
			for _, j := range p.Judges(f.Document) {
				var err error
				explained := false
				switch {
				case f.SampleRequest != nil:
					err, explained = j.Request(*f.SampleRequest), f.Request(*f.SampleRequest)
				case f.SampleAnswer != nil:
					err, explained = j.Answer(*f.SampleAnswer), f.Answer(*f.SampleAnswer)
				default:
					t.Fatal("has no sample")
				}
				if !explained {
					t.Error("does not explain its own sample")
				}
				wrong := (err == nil) == f.Accepts
				if faulty := j.Name() == f.Judge; wrong && !faulty {
					t.Errorf("%s has it too: %v", j.Name(), err)
				} else if !wrong && faulty {
					t.Errorf("is mended (%v): take it off the list", err)
				}
			}
		})
	}
}
