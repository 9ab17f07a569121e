// Package patch replaces a piece of a source file by another, and compiles with
// the result in place of the file, which stays untouched: by the go command's
// -overlay.
package patch

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Replace returns text with new in the place of old, which has to stand in it
// exactly once.
func Replace(text, old, new string) (string, error) {
	if n := strings.Count(text, old); n != 1 {
		return "", fmt.Errorf("%q occurs %d times, want once", old, n)
	}
	return strings.Replace(text, old, new, 1), nil
}

// Overlay collects files that stand in for those of a module, or join it.
type Overlay struct {
	dir     string            // where the replacements are kept
	Replace map[string]string // as the go command reads it
}

// NewOverlay keeps its files in dir.
func NewOverlay(dir string) *Overlay { return &Overlay{dir, map[string]string{}} }

// Add puts text in the place of a file.
func (o *Overlay) Add(file, text string) error {
	stand := filepath.Join(o.dir, fmt.Sprintf("%d.go", len(o.Replace)))
	o.Replace[file] = stand
	return os.WriteFile(stand, []byte(text), 0o600)
}

// Change puts a changed copy of a file in its place.
func (o *Overlay) Change(file, old, new string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	changed, err := Replace(string(text), old, new)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return o.Add(file, changed)
}

// Write returns the name of the file for -overlay.
func (o *Overlay) Write() (string, error) {
	text, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	name := filepath.Join(o.dir, "overlay.json")
	return name, os.WriteFile(name, text, 0o600)
}
