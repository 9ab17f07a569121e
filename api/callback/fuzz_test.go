package callback_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// FuzzVerify signs any form that net/http can parse with an independent
// implementation: the handler must accept that signature and no other.
func FuzzVerify(f *testing.F) {
	f.Add("https://pay.example.com/status?order=42", charged().Encode())
	f.Add("https://user:pass@pay.example.com:443/?n=O'Neil#rc=3", "Sid=PK1&Digits=2&Digits=1&Digits=1&+a=%20&=&&b")
	f.Add("http://[::1]:80", "%zz=1")
	f.Add("no url:'@?#", "Sid=a;b&c=%C3%A9%ff%00")
	f.Add("https://h/?bodySHA256=00", "{}")
	f.Fuzz(func(t *testing.T, rawURL, body string) {
		h, err := callback.NewHandler(ignore, callback.WithAuthTokens(token), callback.WithLogger(slog.New(slog.DiscardHandler)),
			callback.WithPublicURLFunc(func(*http.Request) string { return rawURL }))
		if err != nil {
			t.Fatal(err)
		}
		deliver := func(signature string) int {
			r := request("/", formType, body)
			r.Header.Set("X-Twilio-Signature", signature)
			return serve(h, r).Code
		}
		form, err := url.ParseQuery(body)
		if err != nil || strings.Contains(rawURL, "bodySHA256") {
			deliver(reference(rawURL, nil)) // any status, but no crash
			return
		}
		signature := reference(rawURL, form)
		if status := deliver(signature); status != 204 && status != 400 {
			t.Errorf("%q %q: status %d", rawURL, body, status)
		}
		if form.Get("Sid") == sessionSID && form.Get("CallSid") == callSID && form.Get("AccountSid") == accountSID && len(form) == 3 &&
			len(form["Sid"])+len(form["CallSid"])+len(form["AccountSid"]) == 3 && deliver(signature) != 204 {
			t.Errorf("%q was not parsed", body)
		}
		if signature != callback.Sign(token, rawURL, form) && !strings.Contains(rawURL, "'") {
			t.Errorf("%q: Sign differs from the reference", rawURL)
		}
		wrong := []byte(signature)
		wrong[0] ^= 1
		for _, forged := range []string{string(wrong), strings.ToUpper(signature), signature + "=", reference(rawURL+"x", form), ""} {
			if status := deliver(forged); forged != signature && status != 403 {
				t.Errorf("a forgery of %q %q: status %d", rawURL, body, status)
			}
		}
	})
}

// reference signs as the package documentation describes under "Signature".
func reference(rawURL string, form url.Values) string {
	text, _, _ := strings.Cut(rawURL, "#")
	keys := make([]string, 0, len(form))
	for key := range form {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		values := slices.Clone(form[key])
		slices.Sort(values)
		for _, value := range slices.Compact(values) {
			text += key + value
		}
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// FuzzParse: an event keeps its whole form, and parsing fails only for a missing
// Sid.
func FuzzParse(f *testing.F) {
	f.Add(charged().Encode())
	f.Add("Sid=PK1&Required=ExpirationDate,,%FF&PartialResult=TRUE&DateUpdated=now&ErrorType=x")
	f.Add("Sid=PK1&PayErrorCode=999999999999999999999&PaymentError=%25zz&Result=")
	f.Fuzz(func(t *testing.T, body string) {
		form, _ := url.ParseQuery(body)
		e, err := callback.Parse(form)
		if (err != nil) != (form.Get("Sid") == "") {
			t.Fatalf("error %v", err)
		}
		if err != nil {
			return
		}
		if diff := cmp.Diff(form, e.Raw()); diff != "" {
			t.Error(diff)
		}
		for key := range e.Extra() {
			if !slices.Equal(e.Extra()[key], form[key]) {
				t.Errorf("extra %q is %q, want %q", key, e.Extra()[key], form[key])
			}
		}
		if e.CanComplete() && (e.Kind != callback.Updated || e.Partial() || len(e.Missing()) > 0) {
			t.Errorf("%v can complete", e)
		}
		if e.Succeeded() && (e.Err() != nil || e.Kind != callback.Completed) {
			t.Errorf("%v succeeded", e)
		}
		var s callback.State
		if err := s.Apply(e); err != nil {
			t.Error(err)
		}
		before := encoded(t, s)
		if err := s.Apply(e); err != nil || encoded(t, s) != before {
			t.Errorf("the same event again gives %s, not %s, error %v", encoded(t, s), before, err)
		}
		if diff := cmp.Diff(know(s), know(stored(t, s))); diff != "" {
			t.Error(diff)
		}
		_ = fmt.Sprintf("%v %+v %#v %s", e, e.Err(), s, e.LogValue())
	})
}

// FuzzCardLast4: the result is the last four digits of the number, or empty.
func FuzzCardLast4(f *testing.F) {
	for _, number := range []string{"xxxx-xxxxxx-x4001", "**** 11-11", "1111x", "\xff1234", "١١١١"} {
		f.Add(number)
	}
	f.Fuzz(func(t *testing.T, number string) {
		got := parse(t, session("PaymentCardNumber", number)).CardLast4()
		plain := strings.NewReplacer("-", "", " ", "").Replace(number)
		digits := len(plain) - len(strings.TrimRight(plain, "0123456789"))
		if want := digits >= 4; want != (len(got) == 4) || !want && got != "" || !strings.HasSuffix(plain, got) {
			t.Errorf("%q: %q, want the last four digits, or nothing if there are fewer", number, got)
		}
	})
}
