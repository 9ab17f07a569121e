package validator_test

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/generated/contract"
	"github.com/twiliopay/twiliopay-go/internal/validator"
)

const (
	accountSID = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	callSID    = "CAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	paymentSID = "PKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

	createPath = "/2010-04-01/Accounts/" + accountSID + "/Calls/" + callSID + "/Payments.json"
	updatePath = "/2010-04-01/Accounts/" + accountSID + "/Calls/" + callSID + "/Payments/" + paymentSID + ".json"

	formType  = "application/x-www-form-urlencoded"
	minBody   = "IdempotencyKey=abcd&StatusCallback=https%3A%2F%2Fmyapp.com%2Fpayments"
	basicAuth = "Basic QUNhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYTp0b2s="
)

// sessionJSON is a complete response to CreatePayments.
const sessionJSON = `{"account_sid": "` + accountSID + `", "call_sid": "` + callSID +
	`", "date_created": "Wed, 18 Dec 2019 20:02:01 +0000", "date_updated": "Wed, 18 Dec 2019 20:02:01 +0000", "sid": "` + paymentSID +
	`", "uri": "` + updatePath + `"}`

// vendor and merged are the validators of the two documents.
func vendor(t testing.TB) *validator.Validator {
	t.Helper()
	return newValidator(t, readFile(t, "../../openapi/payments.json"))
}

func merged(t testing.TB) *validator.Validator {
	t.Helper()
	return newValidator(t, contract.JSON())
}

func newValidator(t testing.TB, document []byte) *validator.Validator {
	t.Helper()
	j, err := validator.New(document)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func readJSON(t testing.TB, name string, into any) {
	t.Helper()
	if err := json.Unmarshal(readFile(t, filepath.FromSlash(name)), into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// newRequest returns a well-formed request with some headers changed; a header set to
// "" is left out. The target is parsed as a server does.
func newRequest(t testing.TB, method, target string, headers map[string]string) *http.Request {
	t.Helper()
	u, err := url.ParseRequestURI(target)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"Content-Type": formType, "Authorization": basicAuth}
	maps.Copy(all, headers)
	r := &http.Request{Method: method, URL: u, Header: http.Header{}}
	for name, value := range all {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	return r
}

// place returns the location and field of a violation, "" for no error. Any other error
// fails the test.
func place(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var v *validator.Violation
	if !errors.As(err, &v) {
		t.Fatalf("error %T is not a *Violation", err)
	}
	return strings.TrimSpace(v.Where + " " + v.Field)
}
