package main

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const events = `{"Action":"output","Package":"m/a","Test":"T","Output":"    x_test.go:1: | 3 of 3\n"}
{"Action":"output","Package":"m/a","Test":"T","Output":"    x_test.go:2: noise | here\n"}
{"Action":"pass","Package":"m/a","Test":"T"}
{"Action":"output","Package":"m/a","Test":"S","Output":"    x_test.go:3: prism: node is not installed\n"}
{"Action":"skip","Package":"m/a","Test":"S"}
{"Action":"output","Package":"m/a","Test":"S2","Output":"    x_test.go:3: prism: node is not installed\n"}
{"Action":"skip","Package":"m/a","Test":"S2"}
`

const failure = `{"Action":"output","Package":"m/a","Test":"F","Output":"    x_test.go:4: went wrong\n"}
{"Action":"fail","Package":"m/a","Test":"F"}
`

const unbuilt = `{"ImportPath":"m/c","Action":"build-output","Output":"# m/c\n./c.go:3:2: undefined: x\n"}
{"ImportPath":"m/c","Action":"build-fail"}
{"Action":"fail","Package":"m/c","Elapsed":0,"FailedBuild":"m/c"}
`

const ok = `{"Action":"pass","Package":"m/b","Elapsed":1.25}
`

func TestShow(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	s := summary{out: &out}
	if err := s.show(strings.NewReader(events + failure + unbuilt + ok)); err != nil {
		t.Fatal(err)
	}
	if err := s.close(false); err == nil || err.Error() != "some tests failed" {
		t.Errorf("error %v", err)
	}
	want := "a          | 3 of 3\nFAIL       a F\n    x_test.go:4: went wrong\n# m/c\n./c.go:3:2: undefined: x\nFAIL       c \nok         b            1.3s\n" +
		"skipped: prism: node is not installed\n1 passed, 1 failed, 2 skipped\n"
	if out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", out.String(), want)
	}
	if err := s.show(strings.NewReader("not json")); err == nil {
		t.Error("what is not JSON was taken")
	}
}

// Skipped tests fail with REQUIRE_ALL, and so does a run without tests.
func TestShowRequiresTests(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, events string
		broken, all  bool
		want         string
	}{
		{"skipped", events, false, false, ""},
		{"skipped with REQUIRE_ALL", events, false, true, "2 tests were skipped, and REQUIRE_ALL is set: all of them must run here"},
		{"nothing ran", ok, false, false, "no test ran"},
		{"a module that does not build", events, true, false, "some tests failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := summary{out: &strings.Builder{}, broken: tt.broken}
			if err := s.show(strings.NewReader(tt.events)); err != nil {
				t.Fatal(err)
			}
			got := ""
			if err := s.close(tt.all); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("error %q, want %q", got, tt.want)
			}
		})
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run([]string{"-h"}, &out); err != nil || !strings.HasPrefix(out.String(), "usage: runtests ") {
		t.Errorf("-h prints %q, error %v; want the usage", &out, err)
	}
}

// Modules run at the same time. The lines of each stand together, and all count.
func TestModules(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	list := "-modules="
	for i, body := range []string{"", "", `t.Error("went wrong")`, "undefined"} {
		module := filepath.Join(dir, strconv.Itoa(i))
		for name, text := range map[string]string{
			"go.mod":    "module example.com/m" + strconv.Itoa(i) + "\n",
			"m_test.go": "package m\n\nimport \"testing\"\n\nfunc TestOne(t *testing.T) { " + body + " }\n",
		} {
			if err := errors.Join(os.MkdirAll(module, 0o700), os.WriteFile(filepath.Join(module, name), []byte(text), 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		list += module + ","
	}
	var out strings.Builder
	if err := run([]string{strings.TrimSuffix(list, ","), "./..."}, &out); err == nil {
		t.Error("the run of a module that fails returns no error")
	}
	for _, want := range []string{"2 passed, 1 failed, 0 skipped\n", "undefined: undefined\n", "went wrong\n--- FAIL", "FAIL       module " + filepath.Join(dir, "2"), "FAIL       module " + filepath.Join(dir, "3")} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("printed\n%s\nwant %q in it", &out, want)
		}
	}
}
