package patch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReplaceWantsOnePlace(t *testing.T) {
	t.Parallel()
	if got, err := Replace("a b c", "b", "x"); err != nil || got != "a x c" {
		t.Errorf("Replace = %q, %v", got, err)
	}
	for _, text := range []string{"a c", "b b"} {
		if _, err := Replace(text, "b", "x"); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestOverlayLeavesTheFileAlone(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a.go")
	if err := os.WriteFile(file, []byte("package a"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := NewOverlay(t.TempDir())
	if err := o.Change(file, "package a", "package b"); err != nil {
		t.Fatal(err)
	}
	name, err := o.Write()
	if err != nil {
		t.Fatal(err)
	}
	said, _ := os.ReadFile(name)
	was, _ := os.ReadFile(file)
	is, _ := os.ReadFile(o.Replace[file])
	if string(was) != "package a" || string(is) != "package b" || !strings.Contains(string(said), file) {
		t.Errorf("file %q, in its place %q, overlay %s", was, is, said)
	}
	if err := o.Change(file, "package c", ""); err == nil {
		t.Error("a change of what is not there was taken")
	}
}
