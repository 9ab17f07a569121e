package main

import (
	"bytes"
	"go/format"
	"os"
	"path/filepath"
	"testing"
)

const root = "../../.."

// The committed files match the contract.
func TestGeneratedIsCurrent(t *testing.T) {
	t.Parallel()
	c, err := read(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, source := range c.files() {
		text, err := source()
		if err != nil {
			t.Fatal(name, err)
		}
		want, err := format.Source(text)
		if err != nil {
			t.Fatal(name, err)
		}
		if got, err := os.ReadFile(filepath.Join(root, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not current (%v): run make generate", name, err)
		}
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"^PK[0-9]{2}$":   `rule.Runs{{Set: "P", Count: 1}, {Set: "K", Count: 1}, {Set: "0123456789", Count: 2}}`,
		"^[ab]x$":        `rule.Runs{{Set: "ab", Count: 1}, {Set: "x", Count: 1}}`,
		"^a[0-9]{2,3}$":  `regexp.MustCompile("^a[0-9]{2,3}$")`,
		"a[0-9]{2}":      `regexp.MustCompile("a[0-9]{2}")`,
		"^[^a]b$":        `regexp.MustCompile("^[^a]b$")`,
		"^(ab|c)[0-9]$":  `regexp.MustCompile("^(ab|c)[0-9]$")`,
		"(?i)^ab[0-9]$":  `regexp.MustCompile("(?i)^ab[0-9]$")`,
		"(?m)^ab[0-9]+$": `regexp.MustCompile("(?m)^ab[0-9]+$")`,
	} {
		if got, _, err := patternSource(pattern); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", pattern, got, err, want)
		}
	}
	if _, _, err := patternSource("^(?=a)b$"); err == nil {
		t.Error("a pattern that Go cannot compile was accepted")
	}
}
