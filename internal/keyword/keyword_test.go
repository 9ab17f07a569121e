package keyword_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/generated/contract"
	"github.com/twiliopay/twiliopay-go/internal/keyword"
)

// Every keyword of the contract has cases, most of them valid and invalid ones.
func TestContractHasCases(t *testing.T) {
	t.Parallel()
	cases, err := keyword.Cases(contract.JSON())
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]map[bool]int{}
	for _, c := range cases {
		if counts[c.In+" "+c.Keyword] == nil {
			counts[c.In+" "+c.Keyword] = map[bool]int{}
		}
		counts[c.In+" "+c.Keyword][c.Valid]++
	}
	for _, want := range []string{
		"path type", "path pattern", "path minLength", "path maxLength", "form type", "form format", "form enum", "form minimum",
		"form maximum", "form exclusiveMaximum", "form required", "response type", "response pattern", "response minLength",
		"response maxLength", "response format", "response nullable", "callback pattern", "callback enum", "callback required",
	} {
		if counts[want][true]+counts[want][false] == 0 {
			t.Errorf("%s has no case", want)
		}
	}
	if path := counts["path pattern"]; path[true] == 0 || path[false] == 0 {
		t.Errorf("path pattern has only valid or only invalid cases: %v", path)
	}
}

// A pattern's cases agree with the pattern.
func TestPatternCasesAreRight(t *testing.T) {
	t.Parallel()
	cases, err := keyword.Cases(contract.JSON())
	if err != nil {
		t.Fatal(err)
	}
	prefixes := map[string]string{"AccountSid": "AC", "CallSid": "CA", "Sid": "PK"}
	for _, c := range cases {
		if c.In != keyword.InPath {
			continue
		}
		pattern := regexp.MustCompile("^" + prefixes[c.Field] + "[0-9a-fA-F]{32}$")
		if pattern.MatchString(c.Value) != c.Valid {
			t.Errorf("%v: valid %v", c, c.Valid)
		}
	}
}

// A keyword or location without cases is an error.
func TestNewRulesNeedCases(t *testing.T) {
	t.Parallel()
	document := string(contract.JSON())
	for name, change := range map[string][2]string{
		"of a property":      {`"maximum": 600,`, `"maximum": 600, "multipleOf": 5,`},
		"of a parameter":     {`"maxLength": 34,`, `"maxLength": 34, "not": {},`},
		"of a body":          {`"required": [`, `"minProperties": 3, "required": [`},
		"in the query":       {`"in": "path",`, `"in": "query",`},
		"of a status event":  {`"pattern": "^PK[0-9a-fA-F]{32}$",`, `"pattern": "^PK[0-9a-fA-F]{32}$", "readOnly": true,`},
		"a body of no field": {`"$ref": "#/components/schemas/UpdatePaymentsRequest"`, `"type": "object"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(document, change[0], change[1], 1)
			if changed == document {
				t.Fatalf("the contract has no %s", change[0])
			}
			if _, err := keyword.Cases([]byte(changed)); err == nil || !strings.Contains(err.Error(), "no case") {
				t.Errorf("Cases = %v, want an error", err)
			}
		})
	}
}

func TestCasesHaveNames(t *testing.T) {
	t.Parallel()
	cases, err := keyword.Cases(contract.JSON())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(cases, func(c keyword.Case) bool { return c.String() == `CreatePayments form StatusCallback required "absent"` }) {
		t.Error("the case of the missing StatusCallback does not have this name")
	}
}
