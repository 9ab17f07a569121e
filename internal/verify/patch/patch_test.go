package patch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const before = `package a

// one comment
func (c *Client) Do(n int) bool {
	if n > 1 && // more than one
		n < 9 {
		return try(
			n,
			c.limit,
		)
	}
	return n == 0
}

func (b *box[T]) get() T { return b.it }

const (
	low  = 1
	high = 9
)

func other(n int) bool { return n == 0 || n == 0 }
`

func load(t *testing.T, text string) *Package {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"a.go": text, "a_test.go": "package a\nfunc low() {}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Code is found by its tokens, whatever the formatting and the comments.
func TestReplace(t *testing.T) {
	t.Parallel()
	p := load(t, before)
	for name, c := range map[string]struct{ decl, code, with, want, at string }{
		"over lines and comments": {"Client.Do", "n > 1 && n < 9", "true", "if true {", "Client.Do"},
		"with its last comma":     {"Client.Do", "try(n, c.limit)", "false", "return false\n", "Client.Do"},
		"in one declaration":      {"Client.Do", "return n == 0", "return n == 1", "return n == 1\n}\n\nfunc (b", "Client.Do"},
		"of a generic type":       {"box.get", "b.it", "*new(T)", "return *new(T) }", "box.get"},
		"one constant of many":    {"high", "high = 9", "high = 8", "low  = 1\n\thigh = 8\n", "high"},
		"moved":                   {"Client.Old", "n, c.limit", "c.limit, n", "c.limit, n,\n", "Client.Do"},
	} {
		got, err := p.Replace(c.decl, c.code, c.with)
		if err != nil || !strings.Contains(got.Text, c.want) || got.Decl != c.at || filepath.Base(got.File) != "a.go" {
			t.Errorf("%s: %v, %+v", name, err, got)
		}
	}
}

// Code that does not occur exactly once is refused, with the most similar code.
func TestReplaceRefuses(t *testing.T) {
	t.Parallel()
	p := load(t, before)
	for name, c := range map[string]struct{ decl, code, says string }{
		"twice":             {"other", "n == 0", "2 times in other"},
		"another operator":  {"Client.Do", "n >= 1 && n < 9", "near: n > 1 && // more than one n < 9 in Client.Do"},
		"nowhere":           {"Client.Gone", "n == 0", "0 times in Client.Gone"},
		"part of a token":   {"Client.Do", "lim", "0 times in Client.Do"},
		"nothing":           {"Client.Do", " // n", "no code"},
		"not Go":            {"Client.Do", "'", "is not Go"},
		"a test of package": {"low", "func low() {}", "0 times in low"},
	} {
		if _, err := p.Replace(c.decl, c.code, ""); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOverlayDoesNotChangeTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "a.go")
	if err := os.WriteFile(file, []byte("package a\n\nvar a = 1"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := NewOverlay(t.TempDir())
	if err := o.Change(dir, "a", "a = 1", "a = 2"); err != nil {
		t.Fatal(err)
	}
	name, err := o.Write()
	if err != nil {
		t.Fatal(err)
	}
	said, _ := os.ReadFile(name)
	was, _ := os.ReadFile(file)
	is, _ := os.ReadFile(o.Replace[file])
	if string(was) != "package a\n\nvar a = 1" || string(is) != "package a\n\nvar a = 2" || !strings.Contains(string(said), file) {
		t.Errorf("file %q, in its place %q, overlay %s", was, is, said)
	}
	if err := o.Change(dir, "a", "a = 3", ""); err == nil {
		t.Error("a change of what is not there was accepted")
	}
	if err := o.Change(t.TempDir(), "a", "a = 1", ""); err == nil {
		t.Error("a directory without source was accepted")
	}
}
