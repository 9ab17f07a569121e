package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The exit status is the verdict. No run changes a file of the checkout or
// leaves one behind elsewhere.
func TestVerdictsAndTheTree(t *testing.T) {
	root := copied(t)
	same := written(t, func(map[string]any) {})
	more := written(t, func(schemas map[string]any) {
		schemas["CreatePaymentsRequest"].(map[string]any)["properties"].(map[string]any)["Locale"] = map[string]any{"type": "string"}
	})
	less := written(t, func(schemas map[string]any) {
		delete(schemas["CreatePaymentsRequest"].(map[string]any)["properties"].(map[string]any), "Currency")
	})
	server := httptest.NewServer(http.FileServer(http.Dir(filepath.Dir(more))))
	t.Cleanup(server.Close)
	scratch := t.TempDir()
	t.Setenv("TMPDIR", scratch)

	before := state(t, root)
	for _, test := range []struct {
		name    string
		args    []string
		code    int
		heading string
		verdict string
	}{
		{"nothing", []string{"-upstream", same}, 0, "What new.json means for an SDK made from openapi/payments.json\n", "\nVerdict: no change\n"},
		{"additive, between two documents", []string{"-base", same, "-upstream", server.URL + "/new.json?token=hunter2"}, 0, "What new.json means for an SDK made from new.json\n", "\nVerdict: additive\n"},
		{"breaking", []string{"-upstream", less}, 1, "What new.json ", "\nVerdict: breaking\n"},
		{"breaking, as JSON", []string{"-upstream", less, "-format", "json"}, 1, "{\n  \"before\": \"openapi/payments.json\"", "\"verdict\": \"breaking\""},
		{"breaking, as Markdown", []string{"-upstream", less, "-format", "markdown"}, 1, "## Contract drift: breaking\n", "| breaking | CreatePaymentsRequest.Currency | removed | mark it breaking"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ran(t, append(test.args, "-root", root)...)
			if got.code != test.code || got.stderr != "" {
				t.Errorf("status %d, want %d; complaint %q", got.code, test.code, got.stderr)
			}
			if strings.Contains(got.stdout, "hunter2") {
				t.Error("the query of a URL is printed")
			}
			if strings.HasPrefix(got.stdout, "{") != json.Valid([]byte(got.stdout)) {
				t.Error("not JSON")
			}
			if !strings.HasPrefix(got.stdout, test.heading) || !strings.Contains(got.stdout, test.verdict) {
				t.Errorf("report without %q or %q:\n%s", test.heading, test.verdict, got.stdout)
			}
		})
	}
	if diff := cmp.Diff(before, state(t, root)); diff != "" {
		t.Errorf("the checkout (-before +after):\n%s", diff)
	}
	left, err := os.ReadDir(scratch)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range left {
		t.Errorf("left behind: %s", entry.Name())
	}
}

func TestNoReport(t *testing.T) {
	t.Parallel()
	file := func(text string) string {
		name := filepath.Join(t.TempDir(), "made-up.json")
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for _, test := range []struct {
		name string
		args []string
		want string
	}{
		{"no document", nil, "-upstream is required; usage: drift -upstream"},
		{"an unknown flag", []string{"-from", "x"}, "usage: drift -upstream"},
		{"one argument too many", []string{"-upstream", "x", "y"}, `unexpected argument "y"`},
		{"a missing file", []string{"-upstream", "not\nthere.json"}, "not there.json"},
		{"not JSON", []string{"-upstream", file("openapi: 3.0.1")}, "made-up.json"},
		{"no operations", []string{"-upstream", file(`{"openapi":"3.0.1","info":{},"paths":{}}`)}, "CreatePayments"},
		{"a base without operations", []string{"-upstream", file(`{`), "-base", file(`{"openapi":"3.0.1","paths":{}}`)}, "made-up.json"},
		{"no checkout", []string{"-upstream", "x", "-root", t.TempDir()}, "not inside a checkout of github.com/twiliopay/twiliopay-go"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ran(t, test.args...).wantOneLine(t, test.want)
		})
	}
}

// An error in the checkout is not reported as one of the new document.
func TestTreeThatDoesNotBuild(t *testing.T) {
	t.Parallel()
	root := copied(t)
	if err := os.WriteFile(filepath.Join(root, "api", "wire", "broken.go"), []byte("package wire\n\nvar broken int = \"\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	same := written(t, func(map[string]any) {})
	// Both documents fail with the same error; the first one is reported.
	ran(t, "-root", root, "-upstream", same).wantOneLine(t, "broken.go")
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr strings.Builder
	code := run(ctx, []string{"-upstream", filepath.Join(checkout, "openapi", "payments.json")}, &stdout, &stderr)
	result{code, stdout.String(), stderr.String()}.wantOneLine(t, "context canceled")
}

func TestHelp(t *testing.T) {
	t.Parallel()
	if got := ran(t, "-h"); got != (result{stdout: usage + "\n"}) {
		t.Errorf("help is %+v", got)
	}
}
