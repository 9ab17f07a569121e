package readme_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every action is pinned by a commit hash, followed by its version; a checkout keeps
// no credentials; no workflow has write permissions by default.
func TestActionsArePinned(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../.github/workflows/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	pinned := regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$`)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), "\npermissions:\n  contents: read\n") {
				t.Error("the workflow's own permissions are not contents: read")
			}
			lines := strings.Split(string(text), "\n")
			for i, line := range lines {
				_, action, ok := strings.Cut(line, "uses: ")
				if !ok {
					continue
				}
				if !pinned.MatchString(action) {
					t.Errorf("line %d: %q is not pinned as owner/action@HASH # vVERSION", i+1, action)
				}
				if strings.HasPrefix(action, "actions/checkout@") && !strings.Contains(strings.Join(lines[i:min(i+3, len(lines))], "\n"), "persist-credentials: false") {
					t.Errorf("line %d: a checkout keeps its credentials", i+1)
				}
			}
		})
	}
}

// Install scripts of npm packages are never run, and new versions in every ecosystem
// have a cool-down before Dependabot proposes them.
func TestNewVersionsHaveACooldown(t *testing.T) {
	t.Parallel()
	for _, file := range append(glob(t, "../../.ci/*"), append(glob(t, "../../.github/workflows/*.yml"), "../../Makefile")...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(text), "\n") {
			if regexp.MustCompile(`\bnpm (ci|i|install)\b`).MatchString(line) && !strings.Contains(line, "--ignore-scripts") {
				t.Errorf("%s: %s: npm without --ignore-scripts", file, line)
			}
		}
	}
	text, err := os.ReadFile("../../.github/dependabot.yml")
	if err != nil {
		t.Fatal(err)
	}
	if ecosystems, waits := strings.Count(string(text), "package-ecosystem:"), strings.Count(string(text), "cooldown:"); ecosystems == 0 || ecosystems != waits {
		t.Errorf("%d ecosystems, %d cool-downs", ecosystems, waits)
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatal(pattern, files, err)
	}
	return files
}
