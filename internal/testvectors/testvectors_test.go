package testvectors_test

import (
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/testvectors"
)

// If a file lost cases or fields, the tests that read it would pass but test less.
func TestNothingIsMissing(t *testing.T) {
	t.Parallel()
	said := map[string]int{}
	seen := map[string]bool{}
	once := func(id string) {
		if id == "" || seen[id] {
			t.Errorf("%q is repeated or has no name", id)
		}
		seen[id] = true
	}
	for _, r := range testvectors.Requests() {
		once("request " + r.ID)
		said["request "+r.Says]++
		if r.Method == "" || !strings.HasPrefix(r.Target, "/") || r.Headers["Host"] == "" {
			t.Errorf("%s lacks a method, target or host", r.ID)
		}
	}
	for _, r := range testvectors.Responses() {
		once("response " + r.ID)
		said["response "+r.Says]++
	}
	for _, p := range testvectors.Peers() {
		once("peer " + p.Client + " " + p.ID)
		said["peer"]++
		if p.Method == "" || len(p.Headers) < 5 {
			t.Errorf("%s lacks its method or headers", p.ID)
		}
	}
	for _, s := range testvectors.Signatures() {
		once("signature " + s.Name)
		said["signature"]++
		if len(s.Sources) == 0 || s.URL == "" || s.Token == "" {
			t.Errorf("%s lacks its source, URL or token", s.Name)
		}
	}
	want := map[string]int{
		"request accept": 43, "request reject": 45, "request open": 14,
		"response accept": 4, "response reject": 12, "response open": 5,
		"peer": 64, "signature": 28,
	}
	for what, n := range want {
		if said[what] != n {
			t.Errorf("%d of %s, want %d", said[what], what, n)
		}
	}
	if len(said) != len(want) {
		t.Errorf("verdicts %v, want only accept, reject and open", said)
	}
}

// Abbreviations in the file are expanded. Bodies are ASCII, because JSON keeps only
// the exact bytes of ASCII text.
func TestBodiesAreExact(t *testing.T) {
	t.Parallel()
	longest := 0
	for _, r := range testvectors.Requests() {
		longest = max(longest, len(r.Body))
		if strings.Contains(r.Body, "{64k}") || strings.ContainsFunc(r.Body, func(c rune) bool { return c > 126 }) {
			t.Errorf("%s is not expanded, or not ASCII", r.ID)
		}
	}
	if longest < 1<<16 {
		t.Errorf("the longest body has %d bytes", longest)
	}
}
