package scenario_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/scenario"
)

// TestErrorsNameLineAndField: errors of a file say where the problem is and what is
// allowed, and never repeat what may be a caller's digits.
func TestErrorsNameLineAndField(t *testing.T) {
	t.Parallel()
	const fields = "bank-account-number, payment-card-number-matcher, expiration-date-matcher, security-code-matcher or postal-code-matcher"
	for name, tt := range map[string]struct{ text, want string }{
		"nothing":             {"", "f.json:1: the file is empty"},
		"comments only":       {"// nothing\n", "f.json:1: the file is empty"},
		"no JSON":             {"{\n  \"title\": \"x\"\n  \"caller\": {}\n}", "f.json:3: is not valid JSON: invalid character '\"' after object key:value pair"},
		"cut short":           {"{\"title\": \"x\",\n\n", "f.json:2: is not valid JSON: unexpected end of JSON input"},
		"open comment":        {"{\n/* and so on\n}", "f.json:2: the comment that starts here has no end"},
		"a list":              {"[]", "f.json:1: must be an object, not a list"},
		"unknown field":       {"{\n\"titel\": \"x\"}", "f.json:2: titel: unknown field: must be title, payment, steps, patience, caller, gateway, faults or expect"},
		"unknown and odd":     {`{"4111 1111 1111 1111": 1}`, "f.json:1: …: unknown field: must be title, payment, steps, patience, caller, gateway, faults or expect"},
		"twice":               {"{\"title\": \"x\",\n\"title\": \"y\"}", "f.json:2: title: is given twice: first in line 1"},
		"not UTF-8":           {"{\n\"title\": \"\xff\"}", "f.json:2: is not valid UTF-8"},
		"a NUL byte":          {"{\"title\": \"\x00\"}", "f.json:1: is not valid JSON: invalid character '\\x00' in string"},
		"an escape sequence":  {`{"title": "\u001b[31m"}`, "f.json:1: title: must not contain control characters"},
		"title of two lines":  {`{"title": "ok\nFAILED"}`, "f.json:1: title: must not contain control characters"},
		"after an order mark": {"\uFEFF{\n\"title\": 1}", "f.json:2: title: must be text, not a number"},
		"wrong kind":          {`{"title": 1}`, "f.json:1: title: must be text, not a number"},
		"null":                {`{"caller": null}`, "f.json:1: caller: must be an object, not null"},
		"behind a comment":    {"// one\n/* two\nthree */ {\n\"title\": true}", "f.json:4: title: must be text, not true or false"},
		"step":                {"{\"steps\": [\"create\",\n\"finish\"]}", "f.json:2: steps[1]: must start with create, capture, complete, cancel, wait, star or hang-up"},
		"step without field":  {`{"steps": ["capture"]}`, `f.json:1: steps[0]: must be "capture FIELD": the field must be payment-card-number, expiration-date, security-code, postal-code, bank-routing-number, ` + fields},
		"wait":                {`{"steps": ["wait"]}`, `f.json:1: steps[0]: must be "wait TIME", such as "wait 2s"`},
		"wait long":           {`{"steps": ["wait 2h"]}`, `f.json:1: steps[0]: must be "wait TIME": the time must be a time above zero and at most 1h, such as "1.5s" or "2m"`},
		"refused how":         {`{"steps": ["complete refused"]}`, `f.json:1: steps[0]: may only be followed by "refused CODE", such as "complete refused 64019"`},
		"star with more":      {`{"steps": ["star refused 1"]}`, `f.json:1: steps[0]: must be "star" and nothing else`},
		"patience":            {`{"patience": "soon"}`, `f.json:1: patience: must be a time above zero and at most 1h, such as "1.5s" or "2m"`},
		"caller of what":      {`{"caller": {"card": "visa"}}`, "f.json:1: caller.card: unknown field: must be payment-card-number, expiration-date, security-code, postal-code, bank-routing-number, " + strings.Replace(fields, " or ", ", ", 1) + " or confirmation"},
		"caller says":         {"{\"caller\": {\"security-code\": [\"good\",\n\"4x5\"]}}", "f.json:2: caller.security-code[1]: must be keys to press, or good, visa, mastercard, amex, discover, diners-club, jcb, unionpay, maestro, too-short, other, nothing, unfinished, star or hang-up"},
		"caller says nothing": {`{"caller": {"security-code": []}}`, "f.json:1: caller.security-code: must not be empty"},
		"confirms by keys":    {`{"caller": {"confirmation": "1"}}`, "f.json:1: caller.confirmation: must be confirm, refuse, nothing, star or hang-up"},
		"caller says a map":   {`{"caller": {"security-code": {}}}`, "f.json:1: caller.security-code: must be text, not an object"},
		"verdict":             {`{"gateway": ["yes"]}`, "f.json:1: gateway[0]: the verdict must be approve or decline"},
		"decline":             {`{"gateway": [{"verdict": "decline"}]}`, "f.json:1: gateway[0]: decline needs the field code, from 64001 to 64024"},
		"approve with code":   {`{"gateway": [{"verdict": "approve", "code": 64001}]}`, "f.json:1: gateway[0]: code and connectorError go with decline only"},
		"fault":               {`{"faults": {"requests": [{"fault": "fire"}]}}`, "f.json:1: faults.requests[0].fault: must be too-many-requests, unavailable, server-error, reset, half-body, never-answer or slow"},
		"no fault":            {`{"faults": {"requests": [{}]}}`, "f.json:1: faults.requests[0]: needs the field fault: too-many-requests, unavailable, server-error, reset, half-body, never-answer or slow"},
		"slow":                {`{"faults": {"requests": [{"fault": "slow"}]}}`, `f.json:1: faults.requests[0]: slow needs the field delay, such as "2s"`},
		"retryAfter":          {`{"faults": {"requests": [{"fault": "reset", "retryAfter": "1"}]}}`, "f.json:1: faults.requests[0]: retryAfter is allowed with too-many-requests and unavailable only"},
		"times":               {`{"faults": {"requests": [{"fault": "reset", "times": -1}]}}`, "f.json:1: faults.requests[0]: times must not be negative; 0 means always"},
		"half of one":         {`{"faults": {"requests": [{"fault": "reset", "nth": 1.5}]}}`, "f.json:1: faults.requests[0].nth: must be a whole number"},
		"operation":           {`{"faults": {"requests": [{"operation": "pay"}]}}`, "f.json:1: faults.requests[0].operation: must be create, capture, complete or cancel"},
		"way":                 {`{"faults": {"callbacks": [{"way": "soon"}]}}`, "f.json:1: faults.callbacks[0].way: must be once, twice, late, never or out-of-order"},
		"no way":              {`{"faults": {"callbacks": [{"event": "ended"}]}}`, "f.json:1: faults.callbacks[0]: needs the field way: once, twice, late, never or out-of-order"},
		"late":                {`{"faults": {"callbacks": [{"way": "late"}]}}`, `f.json:1: faults.callbacks[0]: the field delay, such as "2s", is required for late and not allowed otherwise`},
		"event of a fault":    {`{"faults": {"callbacks": [{"event": "begun"}]}}`, "f.json:1: faults.callbacks[0].event: must be started, entering, captured, failed or ended"},
		"result":              {`{"expect": {"results": ["declined"]}}`, `f.json:1: expect.results[0]: must be "RESULT [CODE]": the result must be success, payment-connector-error, caller-hung-up, caller-interrupted-with-star, transaction-cancelled, too-many-failed-attempts, validation-error, internal-error or open`},
		"code":                {`{"expect": {"results": ["payment-connector-error 7"]}}`, `f.json:1: expect.results[0]: must be "RESULT [CODE]": the code must be from 64001 to 64024`},
		"charge":              {`{"expect": {"charges": ["much"]}}`, `f.json:1: expect.charges[0]: must be "AMOUNT [CURRENCY [CARD [LAST DIGITS]]]": the amount must be decimal text such as 49.90`},
		"charge in what":      {`{"expect": {"charges": ["1 dollar"]}}`, `f.json:1: expect.charges[0]: must be "AMOUNT [CURRENCY [CARD [LAST DIGITS]]]": the currency must be three capital letters`},
		"charge number":       {`{"expect": {"charges": ["1 USD visa 4111111111111111"]}}`, `f.json:1: expect.charges[0]: must be "AMOUNT [CURRENCY [CARD [LAST DIGITS]]]": the last digits must be two to four digits`},
		"token":               {`{"expect": {"tokens": ["visa"]}}`, `f.json:1: expect.tokens[0]: must be "TOKEN TYPE [CARD [LAST DIGITS]]": the token type must be one-time, reusable or payment-method`},
		"event":               {`{"expect": {"events": ["paid"]}}`, "f.json:1: expect.events[0]: must start with started, captured, failed, ended or *"},
		"event of a field":    {`{"expect": {"events": ["failed visa"]}}`, `f.json:1: expect.events[0]: must be "failed [FIELD [ERROR]]": the field must be payment-card-number, expiration-date, security-code, postal-code, bank-routing-number, ` + strings.Replace(fields, " or ", ", ", 1) + " or session-in-progress"},
		"started how":         {`{"expect": {"events": ["started well"]}}`, `f.json:1: expect.events[0]: must be "started"`},
		"requests of":         {`{"expect": {"requests": {"pay": 1}}}`, "f.json:1: expect.requests.pay: must be create, capture, complete or cancel"},
		"requests many":       {`{"expect": {"requests": {"create": "one"}}}`, "f.json:1: expect.requests.create: must be a number, not text"},
		"payment field":       {`{"payment": {"Amount": "1"}}`, "f.json:1: payment.Amount: unknown field: must be BankAccountType, ChargeAmount, Confirmation, Currency, Description, Input, MinPostalCodeLength, Parameter, PaymentConnector, PaymentMethod, PostalCode, RequireMatchingInputs, SecurityCode, Timeout, TokenType or ValidCardTypes"},
		"payment rule":        {"{\"payment\": {\n\"ChargeAmount\": \"1\",\n\"PaymentMethod\": \"cash\"}}", "f.json:3: payment.PaymentMethod: must be credit-card or ach-debit"},
		"payment rules":       {"{\"payment\": {\n\"PaymentMethod\": \"ach-debit\"}}", `f.json:1: payment.Parameter: must hold "AVSName" for ACH (64014)`},
		"payment as a float":  {`{"payment": {"ChargeAmount": 49.9}}`, "f.json:1: payment.ChargeAmount: must be text, not a number"},
		"payment of no text":  {`{"payment": {"PostalCode": "no"}}`, "f.json:1: payment.PostalCode: must be true or false, not text"},
		"payment list":        {`{"payment": {"ValidCardTypes": {}}}`, "f.json:1: payment.ValidCardTypes: must be a list of text values"},
		"set by the player":   {`{"payment": {"StatusCallback": "https://x"}}`, "f.json:1: payment.StatusCallback: is not allowed here: the player sets this field"},
		"payment object":      {`{"payment": []}`, "f.json:1: payment: must be an object, not a list"},
		"payment parameter":   {`{"payment": {"Parameter": [1]}}`, "f.json:1: payment.Parameter: must be an object of text values"},
		"payment, two rules":  {"{\"payment\": {\"ChargeAmount\": \"x\",\n\"Timeout\": 601}}", "f.json:1: payment.ChargeAmount: must be decimal text below 1000000, such as 49.90: one to six digits without a leading zero, then at most a point and one to four digits\nf.json:2: payment.Timeout: must be from 0 to 600"},
		"caller":              {`{"caller": []}`, "f.json:1: caller: must be an object, not a list"},
		"nth":                 {`{"faults": {"requests": [{"fault": "reset", "nth": -1}], "callbacks": [{"way": "once", "nth": -1}]}}`, "f.json:1: faults.requests[0]: nth must be at least 1\nf.json:1: faults.callbacks[0]: nth must be at least 1"},
		"several": {"{\"caller\": {},\n\"expect\": {\"results\": [\"x\"]},\n\"steps\": [\n\"y\"]}",
			"f.json:2: expect.results[0]: must be \"RESULT [CODE]\": the result must be success, payment-connector-error, caller-hung-up, caller-interrupted-with-star, transaction-cancelled, too-many-failed-attempts, validation-error, internal-error or open\n" +
				"f.json:4: steps[0]: must start with create, capture, complete, cancel, wait, star or hang-up"},
		"endless": {strings.Repeat(" ", 1<<20) + "{}", "f.json:1: the file is longer than 1048576 bytes"},
	} {
		_, err := scenario.Parse("f.json", []byte(tt.text))
		var e *scenario.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: error %v, want one with a line", name, err)
			continue
		}
		got := strings.TrimSuffix(err.Error(), " literal") // as encoding/json of Go 1.26 ends it
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestDocumentedFile plays the file in the package documentation.
func TestDocumentedFile(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(source), "//\t{\n")
	text, _, found := strings.Cut(after, "//\t}\n")
	if !found {
		t.Fatal("the documentation has no file")
	}
	sc, err := scenario.Parse("doc.json", []byte("{"+strings.ReplaceAll(text, "//\t", "")+"}"))
	if err != nil {
		t.Fatal(err)
	}
	play(t, sc, func(t *testing.T, _ *paymentstest.Server, r *scenario.Report) {
		if !r.Passed() || len(r.Checks) < 5 {
			t.Error(r)
		}
	})
}

// TestComments: text in quotes that looks like a comment is not one.
func TestComments(t *testing.T) {
	t.Parallel()
	sc, err := scenario.Parse("f.json", []byte("{\"title\": \"a \\\"//\\\" b /* c, ] \\\\\", // \"no\"\n/* , */ \"steps\": [\"create\", /**/ ], // }\n}"))
	if err != nil || sc.Title() != `a "//" b /* c, ] \` {
		t.Errorf("%v, title %q", err, sc.Title())
	}
}

// TestTextRoundTrip: Parse reads what Text writes.
func TestTextRoundTrip(t *testing.T) {
	t.Parallel()
	for _, sc := range scenario.Shipped() {
		again, err := scenario.Parse(sc.Name()+".json", sc.Text())
		if err != nil {
			t.Errorf("%s: %v", sc.Name(), err)
			continue
		}
		if diff := cmp.Diff(string(sc.Text()), string(again.Text())); diff != "" {
			t.Errorf("%s (-first +second):\n%s", sc.Name(), diff)
		}
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "my-payment.json")
	text, err := scenario.Text("happy-path")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	sc, err := scenario.Load(file)
	if err != nil || sc.Name() != "my-payment" || sc.Title() != "a Visa card is charged" {
		t.Errorf("%v, %v, want my-payment: a Visa card is charged", sc, err)
	}
	if _, err := scenario.Load(file + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want os.ErrNotExist", err)
	}
	if _, err := scenario.Find("happy"); err == nil || !strings.Contains(err.Error(), `no shipped scenario is named "happy": must be ach, another-card, `) {
		t.Errorf("error %v", err)
	}
}

// FuzzParse: every error has a line, and what Parse accepts can be written and read
// again.
func FuzzParse(f *testing.F) {
	for _, sc := range scenario.Shipped() {
		text, err := scenario.Text(sc.Name())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"faults": {"requests": [{"fault": "slow", "delay": "1s", "times": 0, "nth": 2}]}, /**/ "payment": {"Parameter": {"a": "b"}}, } // x`))
	f.Fuzz(func(t *testing.T, text []byte) {
		sc, err := scenario.Parse("f.json", text)
		if err != nil {
			if e := new(scenario.Error); !errors.As(err, &e) || e.Line < 1 {
				t.Errorf("error without a line: %v", err)
			}
			return
		}
		again, err := scenario.Parse("f.json", sc.Text())
		if err != nil {
			t.Fatalf("%v in\n%s", err, sc.Text())
		}
		if diff := cmp.Diff(string(sc.Text()), string(again.Text())); diff != "" {
			t.Errorf("(-first +second):\n%s", diff)
		}
	})
}

// TestLoadEndless: a device that has no end is an error, as a long file is.
func TestLoadEndless(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/zero"); err != nil {
		t.Skip("this system has no /dev/zero")
	}
	if _, err := scenario.Load("/dev/zero"); err == nil || !strings.Contains(err.Error(), "the file is longer than") {
		t.Errorf("error %v, want one about the length", err)
	}
}

// TestReportIsVisible: what an application sent cannot control the terminal.
func TestReportIsVisible(t *testing.T) {
	t.Parallel()
	r := scenario.Report{Scenario: "a", Title: "b", Checks: []scenario.Check{{Name: "valid requests", Got: []string{"x\x1b[2Jy\u009bz\r"}}}}
	if got, want := r.String(), "FAILED  a: b\n        valid requests\n          x\uFFFD[2Jy\uFFFDz\uFFFD\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
