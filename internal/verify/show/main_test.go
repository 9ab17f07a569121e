package main

import (
	"strings"
	"testing"
)

func TestShowPicksWhatMatters(t *testing.T) {
	t.Parallel()
	events := `{"Action":"output","Package":"m/a","Test":"T","Output":"    x_test.go:1: | 3 of 3\n"}
{"Action":"output","Package":"m/a","Test":"T","Output":"    x_test.go:2: noise | here\n"}
{"Action":"output","Package":"m/a","Test":"S","Output":"    x_test.go:3: prism: node is not installed\n"}
{"Action":"skip","Package":"m/a","Test":"S"}
{"Action":"output","Package":"m/a","Test":"S2","Output":"    x_test.go:3: prism: node is not installed\n"}
{"Action":"skip","Package":"m/a","Test":"S2"}
{"Action":"output","Package":"m/a","Test":"F","Output":"    x_test.go:4: went wrong\n"}
{"Action":"fail","Package":"m/a","Test":"F"}
{"Action":"pass","Package":"m/b","Elapsed":1.25}
`
	var out strings.Builder
	skipped, err := show(strings.NewReader(events), &out)
	if err != nil {
		t.Fatal(err)
	}
	want := "a          | 3 of 3\nFAIL       a F\n    x_test.go:4: went wrong\nok         b          1.3s\n"
	if out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", out.String(), want)
	}
	if len(skipped) != 1 || skipped[0] != "prism: node is not installed" {
		t.Errorf("skipped %q", skipped)
	}
	if _, err := show(strings.NewReader("not json"), &out); err == nil {
		t.Error("what is not JSON was taken")
	}
}
