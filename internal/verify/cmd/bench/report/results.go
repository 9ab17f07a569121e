// Package report reads the results of the comparison and presents them as
// tables of ratios and a chart.
package report

import (
	"errors"
	"io"

	"golang.org/x/perf/benchfmt"
)

// Results are the measurements of one run, in the order they were made.
type Results struct {
	config map[string]string
	values map[series][]float64
}

type series struct{ name, unit string }

// Read reads results in Go's benchmark format.
func Read(r io.Reader) (*Results, error) {
	results := &Results{config: make(map[string]string), values: make(map[series][]float64)}
	reader := benchfmt.NewReader(r, "results")
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, record
		case *benchfmt.Result:
			for _, c := range record.Config {
				results.config[c.Key] = string(c.Value)
			}
			for _, v := range record.Values {
				s := series{string(record.Name), v.Unit}
				results.values[s] = append(results.values[s], v.Value)
			}
		}
	}
	if reader.Err() == nil && len(results.values) == 0 {
		return nil, errors.New("there are no results")
	}
	return results, reader.Err()
}

// of returns the measurements of one subject in one unit.
func (r *Results) of(name, unit string) []float64 { return r.values[series{name, unit}] }
