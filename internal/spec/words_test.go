package spec_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/internal/spec"
)

func words(t *testing.T, doc []byte) map[string]string {
	t.Helper()
	w, err := spec.Words(doc)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Changing a text changes only the digest of its name; another layout of the same text
// changes nothing.
func TestWords(t *testing.T) {
	t.Parallel()
	const said = `"The amount to charge."`
	sayAll := func(edits ...edit) []byte {
		return edited(t, append([]edit{
			set("CREATE description", `"Start."`),
			set("CREATE parameters", `[{"name":"AccountSid","in":"path","description":"The account."}]`),
			set("UPDATE requestBody content application/x-www-form-urlencoded schema properties Capture description", said),
			set("RESPONSE properties sid description", `"The SID."`),
		}, edits...)...)
	}
	before := words(t, sayAll())
	for name, digest := range before {
		if !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(digest) {
			t.Errorf("%s has %q", name, digest)
		}
	}
	for name, test := range map[string]struct {
		edit edit
		want string // the name whose digest changes
	}{
		"an operation":          {set("CREATE description", `"Start a session."`), "CreatePayments"},
		"a parameter":           {set("CREATE parameters 0 description", `"Another."`), "CreatePayments parameter AccountSid"},
		"a property":            {set("UPDATE requestBody content application/x-www-form-urlencoded schema properties Capture description", `"now in cents!"`), "UpdatePayments.Capture"},
		"a response":            {set("RESPONSE properties sid description", `"Another."`), "response.sid"},
		"the end of a property": {set("components schemas payments_enum_capture description", `"What to ask for."`), "UpdatePayments.Capture"},
		"only white space":      {set("CREATE description", `" Start.\n"`), ""},
		"a title":               {set("RESPONSE properties sid title", `"Sid"`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after := words(t, sayAll(test.edit))
			changed := 0
			for name := range after {
				if after[name] == before[name] {
					continue
				}
				if changed++; test.want == "" || !strings.HasSuffix(name, test.want) {
					t.Errorf("%s has changed", name)
				}
			}
			if (changed == 0) != (test.want == "") {
				t.Errorf("%d changes", changed)
			}
		})
	}
}

// An operation that Trim leaves out is listed if its path belongs to the Payments
// resource.
func TestOthers(t *testing.T) {
	t.Parallel()
	doc := edited(t,
		set("paths "+createPath+" get", `{"operationId":"ListPayments"}`),
		set("paths "+updatePath+" get", `{}`),
		set("paths /v/Accounts/{A}/Calls/{C}/Payments/{S}/Events.json", `{"post":{}}`),
		set("paths /v/Accounts/{A}/Calls/{C}/PaymentsOfOthers.json", `{"post":{}}`),
		set("paths /v/Payments.json", `{"post":{}}`),
	)
	got, err := spec.Others(doc)
	want := []string{"GET " + createPath, "GET " + updatePath, "POST /v/Accounts/{A}/Calls/{C}/Payments/{S}/Events.json"}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if got, err := spec.Others(edited(t)); err != nil || len(got) != 0 {
		t.Errorf("%v, %v for a document without others, want none", got, err)
	}
}

// Equivalent documents give the same trimmed document.
func TestTrimUnifiesForms(t *testing.T) {
	t.Parallel()
	const ref = `{"$ref":"#/components/schemas/payments_enum_capture"}`
	want := string(trim(t, edited(t, set("RESPONSE properties sid", ref))))
	for name, e := range map[string][]edit{
		"an allOf around a reference":        {set("RESPONSE properties sid", `{"allOf":[`+ref+`],"description":"words"}`)},
		"a response type with a charset":     {set("RESPONSE properties sid", ref), moveMedia("CREATE responses 201 content", "application/json; charset=utf-8")},
		"a response type in capital letters": {set("RESPONSE properties sid", ref), moveMedia("CREATE responses 201 content", "Application/JSON")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, string(trim(t, edited(t, e...)))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	_, err := spec.Trim(edited(t, set("CREATE responses 201 content application/json;v=1", `{}`)))
	if err == nil || !strings.Contains(err.Error(), "media type application/json is repeated") {
		t.Errorf("error %v", err)
	}
}

// moveMedia renames the media type of a response's JSON.
func moveMedia(path, name string) edit {
	return func(t *testing.T, root any) {
		t.Helper()
		content, _ := lead(t, root, path+" application/json")
		content[name] = content["application/json"]
		delete(content, "application/json")
	}
}
