package report

import (
	"fmt"

	"golang.org/x/perf/benchmath"
)

// confidence is that of the interval the spread describes, as in benchstat.
const confidence = 0.95

// median summarizes measurements as benchstat does.
func median(values []float64) benchmath.Summary {
	sample := benchmath.NewSample(append([]float64(nil), values...), &benchmath.DefaultThresholds)
	return benchmath.AssumeNothing.Summary(sample, confidence)
}

// ratio is the median over all rounds of the ratio of two subjects in the same
// round. It reports whether both were measured.
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
