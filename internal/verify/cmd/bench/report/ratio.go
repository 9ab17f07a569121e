package report

import (
	"fmt"

	"golang.org/x/perf/benchmath"
)

// confidence is benchstat's: of the interval that the spread describes.
const confidence = 0.95

// median sums up measurements as benchstat does.
func median(values []float64) benchmath.Summary {
	sample := benchmath.NewSample(append([]float64(nil), values...), &benchmath.DefaultThresholds)
	return benchmath.AssumeNothing.Summary(sample, confidence)
}

// ratio is the median, over all rounds, of what one subject measured to what
// another one measured in the same round. It reports whether both were.
func (r *Results) ratio(of, to, unit string) (benchmath.Summary, bool) {
	a, b := r.of(of, unit), r.of(to, unit)
	n := min(len(a), len(b))
	if n == 0 {
		return benchmath.Summary{}, false
	}
	ratios := make([]float64, n)
	for i := range ratios {
		ratios[i] = a[i] / b[i]
	}
	return median(ratios), true
}

func format(s benchmath.Summary) string {
	return fmt.Sprintf("%.2f ± %s", s.Center, s.PctRangeString())
}
