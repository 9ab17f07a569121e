package flow_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestOperationsQuotesErrors: whoever searches OPERATIONS.md for the text of an error
// finds it, because every text that it quotes is in the code.
func TestOperationsQuotesErrors(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("OPERATIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, pattern := range []string{"*.go", "natsbus/*.go", "pgbus/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(file, "_test.go") {
				code.Write(text)
			}
		}
	}
	_, section, _ := strings.Cut(string(document), "\n## 6. ")
	quoted := regexp.MustCompile("`([^`]+)`|\"([^\"]+)\"")
	found := 0
	for _, row := range strings.Split(section, "\n") {
		cells := strings.Split(row, "|")
		if len(cells) < 3 {
			continue
		}
		for _, m := range quoted.FindAllStringSubmatch(cells[1], -1) {
			if text := m[1] + m[2]; !strings.Contains(code.String(), text) {
				t.Errorf("OPERATIONS.md quotes %q, which is not in the code", text)
			}
			found++
		}
	}
	if found < 15 {
		t.Errorf("found %d quoted texts, want at least 15", found)
	}
}
