// Package option applies the options of a constructor, so that all packages refuse
// the same and say so in the same form.
package option

import "fmt"

// Apply applies opts to c, in order. It stops at the first that is nil or returns
// an error, and names pkg, and a nil option's place, in what it returns.
func Apply[C any, O ~func(*C) error](pkg string, c *C, opts []O) error {
	for i, opt := range opts {
		if opt == nil {
			return fmt.Errorf("%s: option %d: must not be nil", pkg, i+1)
		}
		if err := opt(c); err != nil {
			return fmt.Errorf("%s: %w", pkg, err)
		}
	}
	return nil
}
