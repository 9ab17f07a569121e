package drift

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/spec"
)

// checked type-checks a generated package with the given text.
func checked(t *testing.T, text string) *types.Package {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "generated.go", "package generated\n"+text, 0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := (&types.Config{}).Check(module+"/generated", set, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A program that uses everything users can name compiles only with the same API
// or a larger one.
func TestConsumer(t *testing.T) {
	t.Parallel()
	const old = "type Params struct { Amount string; Tone Tone; hidden int }\ntype Tone string\nconst ToneCalm Tone = \"calm\"\ntype Internal struct { A int }\n"
	given := map[string]bool{"Params": true, "Tone": true, "ToneCalm": true}
	for name, test := range map[string]struct{ from, to, want string }{
		"the same":             {"", "", ""},
		"an added field":       {"Amount string", "Amount string; More int", ""},
		"users cannot name it": {"A int", "B string", ""},
		"a removed field":      {"Amount string; ", "", "Amount"},
		"a field's type":       {"Amount string", "Amount int", "cannot use"},
		"a removed constant":   {"const ToneCalm Tone = \"calm\"\n", "", "ToneCalm"},
		"a constant's type":    {"const ToneCalm Tone", "const ToneCalm string", "cannot use"},
		"a removed type":       {"type Params struct", "type Other struct", "Params"},
		"a type that is moved": {"Tone Tone;", "Tone string;", "cannot use"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said := compiles(consumer(checked(t, old), given), checked(t, strings.Replace(old, test.from, test.to, 1)))
			if got := strings.Join(said, "; "); (test.want == "") != (len(said) == 0) || !strings.Contains(got, test.want) {
				t.Errorf("said %q, want %q", got, test.want)
			}
		})
	}
}

// A known request or response that only the older contract allows is reported.
func TestReplay(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../generated/contract/payments.json")
	if err != nil {
		t.Fatal(err)
	}
	revision := func(t *testing.T, edit func(string) string) *Revision {
		t.Helper()
		r := &Revision{Name: "made up", mergedText: []byte(edit(string(text)))}
		if r.merged, err = spec.Decode(r.mergedText); err != nil {
			t.Fatal(err)
		}
		if r.facts, err = newDocument(r.merged); err != nil {
			t.Fatal(err)
		}
		return r
	}
	same := func(s string) string { return s }
	for name, test := range map[string]struct {
		edit func(string) string
		want []string // a substring of each
	}{
		"the same contract": {same, nil},
		"a removed value":   {func(s string) string { return strings.Replace(s, `"postal-code",`, "", 1) }, []string{"request update-postal-code"}},
		"SIDs of another format": {func(s string) string { return strings.ReplaceAll(s, "^PK[0-9a-fA-F]{32}$", "^PX[0-9a-fA-F]{32}$") }, []string{
			"request update-", "response to CreatePayments", "response to UpdatePayments",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused, err := replay(revision(t, same), revision(t, test.edit))
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Join(refused, "\n")
			if (len(test.want) == 0) != (len(refused) == 0) {
				t.Errorf("refused %v", refused)
			}
			for _, want := range test.want {
				if !strings.Contains(all, want) {
					t.Errorf("%q is not reported in\n%s", want, all)
				}
			}
		})
	}
}
