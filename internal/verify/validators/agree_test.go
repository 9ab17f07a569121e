package validators_test

import (
	"flag"
	"net/url"
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/twiliopay/twiliopay-go/internal/keyword"
	"github.com/twiliopay/twiliopay-go/internal/verify/validators"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		_ = f.Value.Set("4000")
	}
	_ = flag.Set("rapid.nofailfile", "true") // the seed is printed, and is enough
	os.Exit(m.Run())
}

var fields = []string{
	"BankAccountType", "ChargeAmount", "Confirmation", "Currency", "Description", "IdempotencyKey", "Input", "MinPostalCodeLength",
	"Parameter", "PaymentConnector", "PaymentMethod", "PostalCode", "RequireMatchingInputs", "SecurityCode", "StatusCallback",
	"Timeout", "TokenType", "ValidCardTypes", "Capture", "Status", "Unknown", "", "chargeamount", "Timeout ", "Timeout[]", "Parameter[a]", "é",
}

var values = []string{
	"", "0", "1", "-1", "-0", "7", "600", "601", "1000000", "999999.99", "12.00", "007", "1e2", "1E+2", "1e400", ".5", "5.", "0x7", "+7", " 7", "7 ",
	"1_000", "NaN", "Infinity", "null", "true", "false", "True", "t", "yes", "visa", "credit-card", "ach-debit", "one-time", "dtmf",
	"complete", "cancel", "postal-code", "https://pay.example.com/a?b=c", "/relative", "not a url", "{}", `{"a":"b"}`, "[1]", `"x"`,
	"a,b", "a b", "a&b", "a=b", "a;b", "é💳", "\x00", "\n", "9223372036854775807", "9223372036854775808", "0.1", "1.50", "100000.01",
}

// The validators agree on random requests, unless a known fault explains which
// of them is wrong. This test finds the faults.
func TestValidatorsAgreeOnRequests(t *testing.T) {
	t.Parallel()
	p := panel(t)
	excused := map[string]int{}
	total, allowed := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		r := anyRequest(t)
		findings, err := p.Request(r)
		if err != nil {
			t.Fatalf("%+v\n%v", r, err)
		}
		for _, f := range findings {
			total++
			if f.Allowed {
				allowed++
			}
			if f.Fault != nil {
				excused[f.Fault.Validator+": "+f.Fault.Name]++
			}
		}
	})
	t.Logf("| %d verdicts on random requests, %d of them allowed; explained by known faults: %v", total, allowed, excused)
	if allowed == 0 || allowed == total {
		t.Error("the requests do not vary enough")
	}
}

func anyRequest(t *rapid.T) validators.Request {
	operation := rapid.SampledFrom([]string{"CreatePayments", "UpdatePayments"}).Draw(t, "operation")
	r := validators.RequestOf(keyword.Case{Operation: operation, In: "nowhere"})
	for range rapid.IntRange(0, 3).Draw(t, "changes") {
		switch rapid.IntRange(0, 7).Draw(t, "change") {
		case 0, 1, 2:
			r.Body += "&" + url.QueryEscape(rapid.SampledFrom(fields).Draw(t, "field")) + "=" + url.QueryEscape(rapid.SampledFrom(values).Draw(t, "value"))
		case 3:
			r.Body += "&Description=" + url.QueryEscape(rapid.String().Draw(t, "text"))
		case 4:
			r.Body += rapid.SampledFrom([]string{"&", "&&", "&=", "&a", "&Description=%", "&Description=%zz", "&Description=%ff", "&Description=a;b", "=x", "x", "%41"}).Draw(t, "raw")
		case 5:
			at := rapid.IntRange(20, len(r.Target)-1).Draw(t, "at")
			c := rapid.SampledFrom([]string{"a", "F", "g", "/", "%2F", "%2e", ".", "..", "%61", "%00", "é", "?x=1", "", "+", "%20", "~"}).Draw(t, "path")
			r.Target = r.Target[:at] + c + r.Target[at+1:]
		case 6:
			r.Header.Set("Content-Type", rapid.SampledFrom([]string{
				"application/x-www-form-urlencoded", "application/x-www-form-urlencoded;charset=utf-8", "APPLICATION/x-www-form-urlencoded",
				"application/json", "text/plain", "multipart/form-data", "x", "",
			}).Draw(t, "media type"))
		case 7:
			r.Method = rapid.SampledFrom([]string{"POST", "GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"}).Draw(t, "method")
		}
	}
	return r
}
