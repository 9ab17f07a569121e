package callback_test

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/generated"
)

// TestParseReadsEveryDocumentedParameter iterates over the generated type, so a new
// parameter of the contract is tested without a change here.
func TestParseReadsEveryDocumentedParameter(t *testing.T) {
	t.Parallel()
	typ := reflect.TypeFor[generated.StatusEvent]()
	if n := typ.NumField(); n < 27 || n > 63 {
		t.Fatalf("%d parameters; more than 63 do not fit Event.mentioned", n)
	}
	for i := range typ.NumField() {
		field := typ.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		value, want := "value of "+name, any("value of "+name)
		if field.Type == reflect.TypeFor[wire.Time]() {
			value, want = "2021-08-10T03:58:27.290Z", "2021-08-10 03:58:27.29 +0000 UTC"
		}
		e := parse(t, changed(session(), name, value))
		read := reflect.ValueOf(e.StatusEvent).Field(i)
		if reveal := read.MethodByName("Reveal"); reveal.IsValid() {
			read = reveal.Call(nil)[0]
		}
		if got := fmt.Sprint(read); got != want {
			t.Errorf("%s is %q, want %q", field.Name, got, want)
		}
		if len(e.Extra()) != 0 || e.Raw().Get(name) != value {
			t.Errorf("%s: extra %v, raw %q, want %q", name, e.Extra(), e.Raw().Get(name), value)
		}
	}
}

// TestCapturedPayloads parses forms that Twilio was seen to send.
func TestCapturedPayloads(t *testing.T) {
	t.Parallel()
	start := session("PaymentConnector", "PGP_MOCK", "DateCreated", "2021-08-10T03:55:53.408Z",
		"PaymentMethod", "credit-card", "ChargeAmount", "9.99")
	e := parse(t, start)
	if e.Kind != callback.Started || e.AccountSID != accountSID || e.CallSID != callSID || e.SID != sessionSID ||
		e.ChargeAmount != "9.99" || e.PaymentMethod != generated.PaymentMethodCreditCard || e.PaymentConnector.Reveal() != "PGP_MOCK" ||
		!e.DateCreated.Equal(time.Date(2021, 8, 10, 3, 55, 53, 408e6, time.UTC)) || !e.DateUpdated.IsZero() {
		t.Errorf("start: %+v", e.StatusEvent)
	}
	e = parse(t, charged())
	if e.Kind != callback.Completed || !e.Succeeded() || e.Err() != nil || e.CardLast4() != "1111" || e.ExpirationDate.Reveal() != "1225" ||
		e.PaymentConfirmationCode.Reveal() != "ch_a9dc6297" || e.PaymentToken.Reveal() != "" || e.PaymentCardType.Reveal() != generated.CardTypeVisa ||
		!e.DateUpdated.Equal(time.Date(2021, 8, 10, 3, 58, 27, 290e6, time.UTC)) {
		t.Errorf("charge: %+v", e.StatusEvent)
	}
	e = parse(t, charged("PaymentConfirmationCode", "", "PaymentToken", "hgyvy76", "ProfileId", "7e6a1fc3"))
	if !e.Succeeded() || e.PaymentToken.Reveal() != "hgyvy76" || e.ProfileID.Reveal() != "7e6a1fc3" {
		t.Errorf("token: %+v", e.StatusEvent)
	}
}

func TestKind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		form url.Values
		want callback.Kind
	}{
		{session(), callback.Started},
		{session("PaymentMethod", "credit-card", "TokenType", "one-time"), callback.Started},
		{session("Unknown", "x"), callback.Started},
		{session("Capture", "payment-card-number"), callback.Updated},
		{session("Required", ""), callback.Updated},
		{session("PartialResult", "false"), callback.Updated},
		{session("ErrorType", "input-timeout"), callback.Updated},
		{session("Capture", "security-code", "Result", ""), callback.Updated},
		{session("Result", "success"), callback.Completed},
		{session("Result", "success", "Capture", "security-code", "Required", ""), callback.Completed},
		{session("Result", "something-new"), callback.Completed},
		{session("Result", ""), callback.Completed},
	}
	for _, test := range tests {
		if got := parse(t, test.form).Kind; got != test.want {
			t.Errorf("%v is %s, want %s", test.form, got, test.want)
		}
	}
}

func TestParseIsTolerant(t *testing.T) {
	t.Parallel()
	e := parse(t, url.Values{
		"Sid": {sessionSID, "PKother"}, "DateUpdated": {"yesterday"}, "ChargeAmount": {"1,50 EUR"},
		"Result": {"something-new"}, "New": {"1", "2"}, "": {"x"}, "sid": {"lower"}, "Capture": nil,
	})
	if e.SID != sessionSID || !e.DateUpdated.IsZero() || e.ChargeAmount != "1,50 EUR" || e.Result != "something-new" {
		t.Errorf("%+v, want the SID, no DateUpdated, and amount and result as sent", e.StatusEvent)
	}
	if diff := cmp.Diff(url.Values{"New": {"1", "2"}, "": {"x"}, "sid": {"lower"}}, e.Extra()); diff != "" {
		t.Errorf("extra: %s", diff)
	}
	if e.Raw().Get("DateUpdated") != "yesterday" || len(e.Raw()["Sid"]) != 2 {
		t.Errorf("raw: %v", e.Raw())
	}
	for _, date := range []string{"Tue, 10 Aug 2021 03:58:27 +0000", "2021-08-10T03:58:27Z", "2021-08-10T05:58:27+02:00"} {
		if got := parse(t, session("DateUpdated", date)).DateUpdated; got.Unix() != 1628567907 {
			t.Errorf("%s is %s, want Unix 1628567907", date, got)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, f := range []url.Values{nil, {}, form("Sid", ""), form("CallSid", callSID, "Result", "success"), {"Sid": nil}} {
		if e, err := callback.Parse(f); err != callback.ErrNoSession || !reflect.DeepEqual(e, callback.Event{}) {
			t.Errorf("%v: event %v, error %v, want %v", f, e, err, callback.ErrNoSession)
		}
	}
}

// TestRawIsACopy: changing the returned form does not change the event.
func TestRawIsACopy(t *testing.T) {
	t.Parallel()
	f := charged("Twice", "1")
	f.Add("Twice", "2")
	e := parse(t, f)
	raw := e.Raw()
	if diff := cmp.Diff(f, raw); diff != "" {
		t.Fatal(diff)
	}
	raw.Set("Result", "changed")
	raw["Twice"][0] = "changed"
	f.Set("Result", "changed")
	if e.Raw().Get("Result") != "success" || e.Raw().Get("Twice") != "1" || e.Result != "success" {
		t.Errorf("the event changed: %v", e.Raw())
	}
	_ = append(e.Raw()["Sid"], "appended")
	if diff := cmp.Diff(charged("Twice", "1")["Result"], e.Raw()["Result"]); diff != "" {
		t.Error(diff)
	}
}

// TestZeroEvent: every method of an event that was never parsed is safe.
func TestZeroEvent(t *testing.T) {
	t.Parallel()
	var e callback.Event
	if e.Partial() || e.CanComplete() || e.Succeeded() || e.Retryable() || e.Missing() != nil || e.CardLast4() != "" ||
		e.Err() != nil || len(e.Raw()) != 0 || e.String() != "event{}" || fmt.Sprintf("%+v %d", e, e) != "event{} event{}" {
		t.Errorf("zero event: %v", e)
	}
}

// TestZeroEventIsEmpty: the zero Event, as in a test double or an error return,
// does not panic.
func TestZeroEventIsEmpty(t *testing.T) {
	t.Parallel()
	var e callback.Event
	if e.Kind != "" || e.SID != "" || e.Result != "" || e.PaymentToken.Reveal() != "" || e.PaymentCardType.Reveal() != "" || !e.DateUpdated.IsZero() {
		t.Error("a field is not empty")
	}
	if e.Raw() == nil || len(e.Raw()) != 0 || e.Extra() != nil || e.DeliveryID() != "" || e.SignedURL() != "" || e.CardLast4() != "" {
		t.Error("a method returns something")
	}
	if e.Succeeded() || e.Partial() || e.CanComplete() || e.Retryable() || e.Err() != nil || len(e.Missing()) != 0 {
		t.Error("a method reports something for the zero event")
	}
	if got := fmt.Sprintf("%v %+v %s", e, &e, e.StatusEvent.PaymentToken); got != "event{} event{} " {
		t.Errorf("printed as %q, want \"event{} event{} \"", got)
	}
}
