package callback_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// declined returns a completed session without a charge, with every optional
// parameter empty.
func declined() url.Values {
	return session("ConnectorError", "51", "DateUpdated", "2021-08-10T03:58:27.290Z", "PayErrorCode", "64008", "PaymentError", "",
		"PaymentMethod", "credit-card", "PaymentToken", "", "ProfileId", "", "Result", "payment-connector-error", "SecurityCode", "xxx")
}

// tokenized returns a session that returned a token, with a secret after each
// parameter that is printed.
func tokenized() url.Values {
	return charged("ChargeAmount", "0.00", "ConnectorError", "marked_reason", "PaymentConfirmationCode", "", "PaymentToken", "marked_token", "ProfileId", "marked_profile")
}

// hungUp returns a session that the caller ended, with every optional parameter
// empty.
func hungUp() url.Values {
	return session("ConnectorError", "", "DateUpdated", "2021-08-10T03:58:27.290Z", "PayErrorCode", "", "PaymentError", "",
		"PaymentMethod", "credit-card", "Result", "caller-hung-up")
}

// refusedEntry returns a wrong entry by the caller.
func refusedEntry() url.Values {
	return session("Capture", "expiration-date", "DateUpdated", "2021-08-10T03:58:27.290Z", "ErrorType", "invalid-date",
		"PartialResult", "false", "PaymentMethod", "credit-card", "ProfileId", "", "Required", "expiration-date,security-code")
}

// bareEntry returns an entry in progress without any parameter between PartialResult
// and Result.
func bareEntry() url.Values {
	return session("Capture", "payment-card-number", "PartialResult", "true")
}

// partialEntry returns an entry in progress.
func partialEntry() url.Values {
	return session("Capture", "payment-card-number", "PartialResult", "true", "PaymentCardNumber", "xx", "PaymentMethod", "credit-card",
		"Required", "PaymentCardNumber, ExpirationDate")
}

func TestFormsWithInvalidSIDs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"AccountSid", "CallSid", "Sid"} {
		for wrong, change := range map[string]func(f url.Values){
			"missing":        func(f url.Values) { f.Del(name) },
			"empty":          func(f url.Values) { f.Set(name, "") },
			"too short":      func(f url.Values) { f.Set(name, f.Get(name)[:33]) },
			"too long":       func(f url.Values) { f.Set(name, f.Get(name)+"0") },
			"absorbing":      func(f url.Values) { f.Set(name, f.Get(name)+"Resultsuccess") },
			"not hex":        func(f url.Values) { f.Set(name, f.Get(name)[:33]+"g") },
			"of another":     func(f url.Values) { f.Set(name, "XX"+f.Get(name)[2:]) },
			"twice":          func(f url.Values) { f.Add(name, f.Get(name)[:33]+"0") },
			"in lower case":  func(f url.Values) { f.Set(strings.ToLower(name), f.Get(name)); f.Del(name) },
			"of capital hex": func(f url.Values) { f.Set(name, f.Get(name)[:2]+strings.ToUpper(f.Get(name)[2:])) },
		} {
			f := declined()
			change(f)
			want := 400
			if wrong == "of capital hex" {
				want = 204
			}
			if w := serve(newHandler(t, ignore), signed(f)); w.Code != want {
				t.Errorf("%s %s: status %d, want %d", name, wrong, w.Code, want)
			}
		}
	}
	f := declined()
	f.Add("Result", "success")
	if w := serve(newHandler(t, ignore), signed(f)); w.Code != 400 {
		t.Errorf("two results: status %d, want 400", w.Code)
	}
}

// TestFormsSplitDifferently joins neighboring parameters of a recorded delivery and
// splits them once or twice elsewhere, in every way in which the signature still
// matches. The event reports the same, or the form is refused.
func TestFormsSplitDifferently(t *testing.T) {
	t.Parallel()
	for name, recorded := range map[string]url.Values{
		"started": session("ChargeAmount", "9.99", "DateCreated", "2021-08-10T03:55:53.408Z", "PaymentConnector", "PGP_MOCK", "PaymentMethod", "credit-card"),
		"charged": charged(), "tokenized": tokenized(), "declined": declined(), "hung up": hungUp(), "refused entry": refusedEntry(), "partial entry": partialEntry(), "bare entry": bareEntry(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, got := reports(parse(t, recorded)), ""
			h := newHandler(t, func(_ context.Context, e callback.Event) error {
				if got = reports(e); strings.Contains(e.String(), "marked") {
					t.Errorf("%v is printed as %s", e.Raw(), e)
				}
				return nil
			})
			signature := callback.Sign(token, statusURL, recorded)
			names := slices.Sorted(maps.Keys(recorded))
			accepted, refused := 0, 0
			try := func(from, to int, parts ...string) {
				f := maps.Clone(recorded)
				for _, name := range names[from:to] {
					delete(f, name)
				}
				for i := 0; i < len(parts); i += 2 {
					f[parts[i]] = append(f[parts[i]], parts[i+1])
				}
				if callback.Sign(token, statusURL, f) != signature {
					return // the parameters sort differently
				}
				r := request(statusURL, formType, f.Encode())
				r.Header.Set("X-Twilio-Signature", signature)
				switch status := serve(h, r).Code; {
				case status == 400:
					refused++
				case status != 204:
					t.Errorf("%v: status %d", f, status)
				case got != want:
					t.Errorf("%v reports %s, want %s", f, got, want)
				default:
					accepted++
				}
			}
			for from := range names {
				text := ""
				for to := from + 1; to <= len(names); to++ {
					text += names[to-1] + recorded.Get(names[to-1])
					for end := range text {
						try(from, to, text[:end], text[end:])
						if first := names[from]; end >= len(first) && to-from < 3 { // the first keeps its name
							for key := end; key <= min(len(text), end+20); key++ {
								try(from, to, first, text[len(first):end], text[end:key], text[key:])
							}
						}
					}
				}
			}
			t.Logf("%d splits accepted, %d refused", accepted, refused)
			if accepted == 0 || refused == 0 {
				t.Error("nothing was tried")
			}
		})
	}
}

// reports returns what an event reports.
func reports(e callback.Event) string {
	code := 0
	if failure, ok := errors.AsType[*callback.PaymentError](e.Err()); ok {
		code = failure.Code
	}
	return fmt.Sprint(code, e.PayErrorCode != "", e.Kind, e.Result, e.Succeeded(), e.Err() != nil, e.ErrorType != "", e.Partial(), e.CanComplete(), e.AccountSID, e.CallSID, e.SID)
}

// TestNewParameters: parameters that Twilio may add are accepted.
func TestNewParameters(t *testing.T) {
	t.Parallel()
	for _, f := range []url.Values{
		session("PaymentResult", "success"), session("LastErrorType", "input-timeout"), session("NextCapture", "security-code"),
		session("CaptureMode", "dtmf"), session("RequiredFields", "expiration-date"), session("ResultCode", "0"), session("Results", "1"),
		session("Result", ""), session("Result", "unheard-of"), session("PaymentError", "Result: success was not reached; Required field"),
		session("Description", "Result success"), session("Sids", "1"), session("Resultat", "success"),
	} {
		if w := serve(newHandler(t, ignore), signed(f)); w.Code != 204 {
			t.Errorf("%v: status %d, want 204", f, w.Code)
		}
	}
}
