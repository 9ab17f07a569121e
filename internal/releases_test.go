package internal_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The Makefile names two consecutive Go releases, every go.mod names the older one,
// and the policy in CONTRIBUTING names both.
func TestReleasesOfGo(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^OLDER +:= go(1\.\d+)\.\d+\nNEWEST +:= go(1\.\d+)\.\d+$`).FindStringSubmatch(string(text))
	if m == nil {
		t.Fatal("the Makefile does not name two releases")
	}
	for _, mod := range []string{"../go.mod", "../internal/verify/go.mod", "../api/flow/natsbus/go.mod", "../api/flow/pgbus/go.mod", "../api/otelpay/go.mod", "../api/examples/agentdesk/go.mod"} {
		text, err := os.ReadFile(mod)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "\ngo "+m[1]+".0\n") {
			t.Errorf("%s is not for Go %s.0", mod, m[1])
		}
	}
	policy, err := os.ReadFile("../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(policy), m[2]+" and "+m[1]) {
		t.Errorf("CONTRIBUTING.md does not name %s and %s", m[2], m[1])
	}
}
