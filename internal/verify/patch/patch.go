// Package patch replaces code in a package and compiles the result through the
// go command's -overlay; the files stay unchanged. Code is named by its
// declaration and its tokens, so it is found again after files have moved and
// comments or line breaks have changed.
package patch

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Overlay collects files that replace those of a module or are added to it.
type Overlay struct {
	dir     string            // where the replacements are kept
	Replace map[string]string // as the go command reads it
}

// NewOverlay returns an overlay that keeps its files in dir.
func NewOverlay(dir string) *Overlay { return &Overlay{dir, map[string]string{}} }

// Add replaces or adds a file.
func (o *Overlay) Add(file, text string) error {
	stand := filepath.Join(o.dir, fmt.Sprintf("%d.go", len(o.Replace)))
	o.Replace[file] = stand
	return os.WriteFile(stand, []byte(text), 0o600)
}

// Change replaces code in a declaration of the package in dir: see
// [Package.Replace].
func (o *Overlay) Change(dir, decl, code, with string) error {
	p, err := Load(dir)
	if err != nil {
		return err
	}
	changed, err := p.Replace(decl, code, with)
	if err != nil {
		return err
	}
	return o.Add(changed.File, changed.Text)
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
