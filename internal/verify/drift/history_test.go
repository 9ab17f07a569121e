package drift_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/internal/verify/drift"
)

// later are the names that api uses and that were added to the contract after
// 2025.
var later = []string{"Confirmation", "Matcher", "TokenTypePaymentMethod"}

// step is what changed from one contract of the vendor to the next.
type step struct {
	name     string
	contract []string
	form     []string
	code     []string
	verdict  drift.Verdict
}

const session = "api.v2010.account.call.payments."

var (
	from2020 = step{
		name: "operation ids and nullable responses appear",
		contract: []string{
			"held | " + session + "account_sid | nullable true added | oasdiff! what-changed",
			"held | " + session + "call_sid | nullable true added | oasdiff! what-changed",
			"held | " + session + "date_created | nullable true added | oasdiff! what-changed",
			"held | " + session + "date_updated | nullable true added | oasdiff! what-changed",
			"held | " + session + "sid | nullable true added | oasdiff! what-changed",
			"held | " + session + "uri | nullable true added | oasdiff! what-changed",
			"compatible | document | servers added | what-changed",
		},
		form: []string{
			"operation id added: CreatePayments, UpdatePayments (oasdiff what-changed)",
			"tag removed: CreatePayments, UpdatePayments (oasdiff what-changed)",
			"title added: CreatePayments request, UpdatePayments request (what-changed)",
		},
		verdict: drift.Additive,
	}
	from2021 = step{
		name:     "enums move to components, and Parameter loses its type",
		contract: []string{"held | CreatePaymentsRequest.Parameter | type object removed | oasdiff what-changed"},
		form: []string{
			"enum moved from its place to a component: CreatePayments.BankAccountType, CreatePayments.PaymentMethod, " +
				"CreatePayments.TokenType, UpdatePayments.Capture, UpdatePayments.Status (what-changed)",
		},
		verdict: drift.NoChange,
	}
	from2022 = step{
		name: "a token type is added",
		contract: []string{
			"held | " + session + "uri | format uri removed | oasdiff! what-changed",
			`compatible | payments_enum_token_type | value "payment-method" added | oasdiff what-changed`,
		},
		form:    []string{"tag added: CreatePayments, UpdatePayments (oasdiff what-changed)"},
		code:    []string{"payments.TokenTypePaymentMethod: added"},
		verdict: drift.Additive,
	}
	from2024 = step{
		name:     "Parameter is an object again; examples and response headers appear",
		contract: []string{"held | CreatePaymentsRequest.Parameter | type object added | oasdiff! what-changed"},
		form: []string{
			"example added: CreatePayments request, CreatePayments response 201, UpdatePayments request, UpdatePayments response 202 (what-changed)",
			"response header added (oasdiff what-changed)",
		},
		verdict: drift.NoChange,
	}
	from2025 = step{
		name: "matchers, RequireMatchingInputs and Confirmation are added, and Parameter may be anything again",
		contract: []string{
			"compatible | CreatePaymentsRequest.Confirmation | added: payments_enum_confirmation | oasdiff what-changed",
			"held | CreatePaymentsRequest.Parameter | type object removed | oasdiff what-changed",
			"compatible | CreatePaymentsRequest.RequireMatchingInputs | added: string | oasdiff what-changed",
			`compatible | payments_enum_capture | value "expiration-date-matcher" added | oasdiff what-changed`,
			`compatible | payments_enum_capture | value "payment-card-number-matcher" added | oasdiff what-changed`,
			`compatible | payments_enum_capture | value "postal-code-matcher" added | oasdiff what-changed`,
			`compatible | payments_enum_capture | value "security-code-matcher" added | oasdiff what-changed`,
			"compatible | payments_enum_confirmation | added: string, one of 2 values | what-changed",
		},
		code: []string{
			"payments.CaptureExpirationDateMatcher: added",
			"payments.CapturePaymentCardNumberMatcher: added",
			"payments.CapturePostalCodeMatcher: added",
			"payments.CaptureSecurityCodeMatcher: added",
			"payments.Confirmation: added",
			"payments.ConfirmationFalse: added",
			"payments.ConfirmationTrue: added",
			"payments.CreateParams.Confirmation: added",
			"payments.CreateParams.RequireMatchingInputs: added",
		},
		verdict: drift.Additive,
	}
)

var update = flag.Bool("update", false, "rewrite the reports on past contracts in testdata/past")

// The code generated from every past contract compiles, and the report names
// the changes to the next contract: of made-up contracts as in the lists above,
// of the vendor's, which internal/spec keeps trimmed, as in the files of
// testdata/past. A new contract needs no line here: -update writes its file.
func TestHistory(t *testing.T) {
	t.Parallel()
	t.Run("made up", func(t *testing.T) {
		t.Parallel()
		files := documents(t, "testdata", "history", "*.json")
		replay(t, files, []step{from2020, from2021, from2022, from2024, from2025})
	})
	t.Run("of the vendor", func(t *testing.T) {
		t.Parallel()
		files := append(documents(t, "..", "..", "spec", "testdata", "history", "*.json"), contract)
		revisions := make([]*drift.Revision, len(files))
		t.Run("generate", func(t *testing.T) {
			for i, file := range files {
				t.Run(filepath.Base(file), func(t *testing.T) {
					t.Parallel()
					revisions[i] = load(t, filepath.Base(file), read(t, file))
					serves(t, revisions[i], i == len(files)-1)
				})
			}
		})
		for i := 0; i+1 < len(files) && !t.Failed(); i++ {
			name := strings.TrimSuffix(filepath.Base(files[i+1]), ".json")
			got := summary(report(t, revisions[i], revisions[i+1]))
			golden := filepath.Join("testdata", "past", name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				continue
			}
			if diff := gocmp.Diff(string(read(t, golden)), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}

// summary is a report in one line per change.
func summary(r *drift.Report) string {
	lines := []string{"verdict " + fmt.Sprint(r.Verdict())}
	lines = append(lines, contractLines(r.Contract)...)
	for _, c := range r.Go {
		lines = append(lines, fmt.Sprintf("%s | compatible %v", c.Text, c.Compatible))
	}
	return strings.Join(lines, "\n") + "\n"
}

func replay(t *testing.T, files []string, steps []step) {
	if len(files) != len(steps)+1 {
		t.Fatalf("%d documents for %d steps", len(files), len(steps))
	}
	revisions := make([]*drift.Revision, len(files))
	t.Run("generate", func(t *testing.T) {
		for i, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				revisions[i] = load(t, filepath.Base(file), read(t, file))
				serves(t, revisions[i], i == len(files)-1)
			})
		}
	})
	if t.Failed() {
		return
	}
	for i, step := range steps {
		t.Run(step.name, func(t *testing.T) { step.check(t, report(t, revisions[i], revisions[i+1])) })
	}
}

// serves checks that a document gave code, with the whole overlay except for
// what the vendor did not have yet.
func serves(t *testing.T, r *drift.Revision, newest bool) {
	t.Helper()
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	for _, action := range r.Fit.LeftOut {
		if newest || action.Since < "2026-01-01" {
			t.Errorf("left out: %s", action)
		}
	}
	if !newest && len(r.Fit.LeftOut) == 0 {
		t.Error("nothing is left out for a document from before RequireMatchingInputs")
	}
	for _, line := range r.Code.Unbuilt {
		if newest || !slices.ContainsFunc(later, func(name string) bool { return strings.Contains(line, name) }) {
			t.Errorf("api: %s", line)
		}
	}
}

func (s step) check(t *testing.T, r *drift.Report) {
	t.Helper()
	byElement := func(a, b string) int {
		_, a, _ = strings.Cut(a, "|")
		_, b, _ = strings.Cut(b, "|")
		return cmp.Compare(a, b)
	}
	got := contractLines(r.Contract)
	slices.SortFunc(got, byElement)
	if diff := gocmp.Diff(slices.SortedFunc(slices.Values(s.contract), byElement), got); diff != "" {
		t.Errorf("contract (-want +got):\n%s", diff)
	}
	var form []string
	for _, f := range r.Form {
		if strings.HasPrefix(f.Text, "prose") { // differs from document to document
			continue
		}
		line := f.Text
		if f.Text != "response header added" { // so do their number and names
			line += ": " + strings.Join(f.Where, ", ")
		}
		form = append(form, line+" ("+joined(f.Seen)+")")
	}
	if diff := gocmp.Diff(s.form, form); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
	var code []string
	for _, c := range r.Go {
		if !c.Compatible {
			t.Errorf("incompatible: %s", c.Text)
		}
		code = append(code, c.Text)
	}
	if diff := gocmp.Diff(s.code, code); diff != "" {
		t.Errorf("Go API (-want +got):\n%s", diff)
	}
	if r.Verdict() != s.verdict {
		t.Errorf("verdict %s, want %s: %v", r.Verdict(), s.verdict, r.Reasons())
	}
	if len(r.Undocumented) > 0 {
		t.Errorf("to write by hand: %v", r.Undocumented)
	}
}

func joined(tools []drift.Tool) string {
	names := make([]string, len(tools))
	for i, tool := range tools {
		names[i] = string(tool)
	}
	return strings.Join(names, " ")
}
