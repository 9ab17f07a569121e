package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/spec"
)

const (
	form        = "../../spec/testdata/forms/refs.json"
	golden      = "../../spec/testdata/forms.golden.json"
	formSHA256  = "9f441c5fbb8fc10bbf468f77cb082ddbf607841d8ee76815171dfc2d1f164d4f" // of form
	otherCommit = "0123456789abcdef0123456789abcdef01234567"
)

func upstreamJSON(commit, date, source string) string {
	return `{
  "commit": "` + commit + `",
  "date": "` + date + `",
  "document": "` + spec.Document + `",
  "sha256": "` + formSHA256 + `",
  "source": "` + source + `",
  "words": {
    "CreatePayments.TokenType": "48fd34fa74a73f53",
    "CreatePayments.ValidCardType": "48fd34fa74a73f53",
    "UpdatePayments.Capture": "48fd34fa74a73f53"
  }
}
`
}

func TestWritesBothFiles(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.FileServer(http.Dir(filepath.Dir(form))))
	t.Cleanup(server.Close)
	tests := []struct {
		name     string
		args     []string
		commit   string
		upstream string
	}{
		{"an unknown file", []string{"-in", form}, "unknown", upstreamJSON("", "", "")},
		{
			"a file with an origin",
			[]string{"-in", form, "-source", "https://example.com/spec", "-commit", otherCommit, "-date", "2025-01-31"},
			otherCommit,
			upstreamJSON(otherCommit, "2025-01-31", "https://example.com/spec"),
		},
		{"a URL", []string{"-in", server.URL + "/refs.json?token=secret"}, "unknown", upstreamJSON("", "", server.URL+"/refs.json")},
		{"a URL with an origin", []string{"-in", server.URL + "/refs.json", "-source", "https://example.com/spec"}, "unknown", upstreamJSON("", "", "https://example.com/spec")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			want := result{Stdout: "trimspec: wrote payments.json and upstream.json in " + dir + " (sha256 " + formSHA256 + ", commit " + test.commit + ")\n"}
			written := map[string]string{"payments.json": read(t, golden), "upstream.json": test.upstream}
			for range 2 { // the second run replaces the files with the same bytes
				equal(t, "result", want, trimspec(t, append(test.args, "-out", dir)...))
				equal(t, "files", written, files(t, dir))
			}
			for name := range written {
				info, err := os.Stat(filepath.Join(dir, name))
				if err != nil || info.Mode() != 0o644 {
					t.Errorf("%s: mode %v (want 0o644), error %v", name, info.Mode(), err)
				}
			}
		})
	}
}

// Every kind of bad input gets one line and status 1, and existing files stay
// unchanged.
func TestBadInputChangesNoFiles(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	good := read(t, form)
	in := filepath.Join(t.TempDir(), "in.json")
	tests := []struct {
		name, doc string
		args      []string
		want      string
	}{
		{"neither JSON nor YAML", "openapi: [", nil, "neither JSON nor YAML: line 1: did not find expected node content"},
		{"empty", "", nil, "the document is empty"},
		{"trailing garbage", "{}\n]", nil, "not JSON: line 2, column 1: invalid character ']' after top-level value"},
		{"another kind of document", `{"swagger":"2.0"}`, nil, "the document is Swagger 2.0: convert it to OpenAPI 3.0 first"},
		{
			"no such operation", strings.NewReplacer(`"UpdatePayments"`, `"ChangePayments"`, "/Payments/{Sid}.json", "/Payments/{Sid}").Replace(good), nil,
			"no such operation: UpdatePayments (neither by operationId nor as POST …/Calls/{CallSid}/Payments/{Sid}.json)",
		},
		{
			"dangling $ref", strings.ReplaceAll(good, `"payments_enum_capture": {`, `"payments_enum_catch": {`), nil,
			`#/paths/~1v~1Accounts~1{AccountSid}~1Calls~1{CallSid}~1Payments~1{Sid}.json/post/requestBody/content/application~1x-www-form-urlencoded/schema/properties/Capture/$ref: dangling $ref "#/components/schemas/payments_enum_capture"`,
		},
		{
			"unknown keyword", strings.ReplaceAll(good, `"nullable": true`, `"contentEncoding": "base64"`), nil,
			`#/components/schemas/call.payments/properties/sid/contentEncoding: unknown keyword "contentEncoding": decide whether it is a fact to keep or prose to drop`,
		},
		{
			"refused by kin-openapi", strings.ReplaceAll(good, `"nullable": true`, `"readOnly": true, "writeOnly": true`), nil,
			"kin-openapi refuses the trimmed document: invalid components: schema \"call.payments\": a property MUST NOT be marked as both readOnly and writeOnly being true",
		},
		{"an invalid commit", good, []string{"-commit", "main"}, `commit "main" is not 40 lower-case hex digits`},
		{
			"the commit of another document", good, []string{"-commit", "d50069b44ea8cd23141385bdb6db48f16ff75bb5"},
			"commit d50069b44ea8cd23141385bdb6db48f16ff75bb5 has the document with sha256 99cae87a6bb1725f71363364cbd30282a13140374b2d5f9bdd5bdfa5d4c8a6d7, but this one has " + formSHA256,
		},
		{"an absent file", "", []string{"-in", in + ".absent"}, "open " + in + ".absent: no such file or directory"},
		{"a line break in a name", "", []string{"-in", in + "\nabsent"}, "open " + in + " absent: no such file or directory"},
		{"an HTTP error", "", []string{"-in", server.URL + "/spec.json"}, "get " + server.URL + "/spec.json: status 404, not 200"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, filepath.Join(dir, "payments.json"), "the contract of yesterday")
			write(t, filepath.Join(dir, "upstream.json"), "its origin")
			before := files(t, dir)
			input := write(t, filepath.Join(t.TempDir(), "in.json"), test.doc)
			got := trimspec(t, append([]string{"-out", dir, "-in", input}, test.args...)...)
			equal(t, "result", result{Status: 1, Stderr: "trimspec: " + test.want + "\n"}, got)
			equal(t, "files", before, files(t, dir))
		})
	}
}

func TestWrongFlags(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"-in is required":                       {},
		"flag provided but not defined: -input": {"-input", form},
		`unexpected argument "more"`:            {"-in", form, "more"},
		"flag needs an argument: -commit":       {"-in", form, "-commit"},
	} {
		equal(t, want, result{Status: 2, Stderr: "trimspec: " + want + "; " + usage + "\n"}, trimspec(t, args...))
	}
	equal(t, "-h", result{Stdout: usage + "\n"}, trimspec(t, "-h"))
}

// A document that the overlay does not fit replaces nothing, and every action that
// matches nothing is reported.
func TestOverlayMustFit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	contract := read(t, "../../../openapi/payments.json")
	for name, text := range map[string]string{
		"payments.json": "the contract of yesterday", "upstream.json": "its origin",
		"overlay.yaml": read(t, "../../../openapi/overlay.yaml"),
	} {
		write(t, filepath.Join(dir, name), text)
	}
	before := files(t, dir)
	gone := strings.NewReplacer(`"Currency"`, `"Money"`, "payments_enum_status", "payments_enum_end", `"reusable"`, `"durable"`).Replace(contract)
	got := trimspec(t, "-out", dir, "-in", write(t, filepath.Join(t.TempDir(), "gone.json"), gone))
	if got.Status != 1 || strings.Count(got.Stderr, "\n") != 4 || strings.Contains(got.Stderr, "x-speakeasy") {
		t.Errorf("got %+v, want status 1, a title and three lines", got)
	}
	for _, want := range []string{"properties.Currency matches nothing", "schemas.payments_enum_status matches nothing", `no longer has the value "reusable"`} {
		if !strings.Contains(got.Stderr, want) {
			t.Errorf("%s\nlacks %q", got.Stderr, want)
		}
	}
	equal(t, "files", before, files(t, dir))

	got = trimspec(t, "-out", dir, "-in", write(t, filepath.Join(t.TempDir(), "same.json"), contract))
	if got.Status != 0 || files(t, dir)["payments.json"] != contract {
		t.Errorf("the current contract: %+v", got)
	}
}
