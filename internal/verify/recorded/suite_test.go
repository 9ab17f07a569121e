package recorded

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/verify/patch"
	"github.com/twiliopay/twiliopay-go/internal/verify/repo"
	"github.com/twiliopay/twiliopay-go/internal/verify/validators"
)

// Both validators allow, by both documents, every request that the client has
// validated, and by the contract every response of the simulator. On requests
// that tests send without validation, the validators agree.
func TestRecordedTrafficIsValid(t *testing.T) {
	t.Parallel()
	records, output, err := Run(t.Context(), t.TempDir(), "./api/payments/...", "./api/paymentstest/...", "./api/flow/...", "./api/examples/...")
	if err != nil {
		// make test reports failing tests; this test validates the traffic.
		t.Logf("the tests did not all pass: %v\n%s", err, failures(output))
	}
	p, err := validators.NewPanel()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	counts := map[string]int{}
	for _, r := range records {
		key, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		counts[kind(r)]++
		if seen[string(key)] {
			continue
		}
		seen[string(key)] = true
		counts["distinct "+kind(r)]++
		if err := check(p, r); err != nil && !t.Failed() {
			t.Errorf("%s: %v", key, err)
		} else if err != nil {
			t.Fail()
		}
	}
	for _, want := range []string{"requests", "responses"} {
		if counts[want] < 100 {
			t.Errorf("%d %s were recorded, want at least 100\n%.3000s", counts[want], want, output)
		}
	}
	t.Logf("| our own tests: both validators allow %d requests, %d of them distinct, and %d responses, %d distinct; they agree on %d more, sent without validation",
		counts["requests"], counts["distinct requests"], counts["responses"], counts["distinct responses"], counts["requests without validation"])
}

// failures are the lines of the output that name failures.
func failures(output string) string {
	var b strings.Builder
	for line := range strings.Lines(output) {
		if strings.HasPrefix(line, "FAIL") || strings.HasPrefix(line, "--- FAIL") || strings.HasPrefix(line, "panic") {
			b.WriteString(line)
		}
	}
	return b.String()
}

func kind(r Record) string {
	switch {
	case r.Response:
		return "responses"
	case r.Checked:
		return "requests"
	}
	return "requests without validation"
}

// The hooks still match the sources. This takes a second, a run takes a minute.
func TestHooksApply(t *testing.T) {
	t.Parallel()
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	o := patch.NewOverlay(t.TempDir())
	for _, h := range hooks {
		if err := o.Change(filepath.Join(root, h.dir), h.decl, h.old, h.new); err != nil {
			t.Error(err)
		}
	}
}
