package callback_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/generated"
)

var verbs = []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%o", "%b", "%c", "%U", "%e", "%f", "%g", "%t", "%p", "%T", "%w", "%z", "%10v", "%-80.3s", "%+#v"}

// shownParameters are the only parameters that an event may show.
var shownParameters = map[string]bool{
	"AccountSid": true, "CallSid": true, "Sid": true, "PaymentMethod": true, "ChargeAmount": true, "Capture": true,
	"PartialResult": true, "Required": true, "ErrorType": true, "Result": true, "PayErrorCode": true,
	"DateCreated": true, "DateUpdated": true, // neither shown nor secret
}

// TestEventHidesItsSecrets puts a secret into every parameter that must not be
// shown, including unknown ones and any that the contract gains, and prints the
// event in every way.
func TestEventHidesItsSecrets(t *testing.T) {
	t.Parallel()
	f := session("Unknown", "SECRET", "PayConnector_Secret", "SECRET", "Result", "success")
	typ := reflect.TypeFor[generated.StatusEvent]()
	for i := range typ.NumField() {
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		if shownParameters[name] {
			continue
		}
		f.Set(name, "SECRET")
		if _, hidden := typ.Field(i).Type.MethodByName("Reveal"); !hidden {
			t.Errorf("%s must be a wire.Hidden, or be listed in shownParameters", name)
		}
	}
	e := parse(t, f)
	if len(e.Extra()) != 2 || e.PaymentToken.Reveal() != "SECRET" || e.SecurityCode.Reveal() != "SECRET" || e.PaymentConnector.Reveal() != "SECRET" {
		t.Fatal("the secrets are not in the event")
	}
	type exported struct {
		Name  string
		Event callback.Event
	}
	type unexported struct {
		name  string
		event callback.Event
		deep  struct{ list []callback.Event }
	}
	type embedded struct{ callback.Event }
	failed, ok := errors.AsType[*callback.PaymentError](parse(t, changed(f, "Result", "payment-connector-error")).Err())
	if !ok || failed.Message() != "SECRET" {
		t.Fatal("the secret is not in the failure")
	}
	hidden := unexported{name: "n", event: e}
	hidden.deep.list = []callback.Event{e}
	values := map[string]any{
		"event": e, "pointer": &e, "fields": e.StatusEvent, "pointer to fields": &e.StatusEvent,
		"list": []callback.Event{e}, "map": map[string]callback.Event{"k": e},
		"exported": exported{"n", e}, "pointer to exported": &exported{"n", e},
		"unexported": hidden, "pointer to unexported": &hidden, "list of unexported": []unexported{hidden},
		"embedded": embedded{e}, "any": []any{e, &e}, "unexported fields": struct{ f generated.StatusEvent }{e.StatusEvent},
		"failure": failed, "unexported failure": struct{ e error }{failed}, "value of a failure": *failed,
	}
	for name, v := range values {
		var out bytes.Buffer
		for _, verb := range verbs {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		fmt.Fprintln(&out, v)
		data, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		out.Write(data)
		_ = xml.NewEncoder(&out).Encode(v) // what these refuse they do not show
		_ = gob.NewEncoder(&out).Encode(v)
		for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			log := slog.New(h)
			log.Info("m", "v", v)
			log.With("v", v).WithGroup("g").Info("m", slog.Any("v", v))
		}
		text := out.String()
		for _, secret := range []string{"SECRET", "534543524554", "53 45 43", "'S'"} { // as is, %x, "% x", %c
			if strings.Contains(text, secret) {
				t.Errorf("%s shows %q: %s", name, secret, text)
			}
		}
	}
}

func TestEventShows(t *testing.T) {
	t.Parallel()
	e := parse(t, session("Capture", "payment-card-number", "PartialResult", "true", "Required", "expiration-date,security-code",
		"PaymentCardNumber", "xxx", "ChargeAmount", "9.99"))
	want := "event{kind=updated account=" + accountSID + " call=" + callSID + " session=" + sessionSID +
		" amount=9.99 capture=payment-card-number partial=true required=expiration-date,security-code}"
	for _, got := range []string{e.String(), e.GoString(), fmt.Sprint(e), fmt.Sprintf("%#v", &e)} {
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if got := parse(t, form("Sid", "P K=}\n")).String(); got != `event{kind=started session="P K=}\n"}` {
		t.Errorf("a value that must be quoted: %s", got)
	}
	data, err := json.Marshal(struct{ Event callback.Event }{e})
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Event map[string]string }
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{
		"kind": "updated", "account": accountSID, "call": callSID, "session": sessionSID, "amount": "9.99",
		"capture": "payment-card-number", "partial": "true", "required": "expiration-date,security-code",
	}, got.Event); diff != "" {
		t.Error(diff)
	}
}

// TestEventHidesAbsorbedParameters: whoever recorded a delivery can split it so that a
// parameter which is printed holds the next one, known to this package or not.
func TestEventHidesAbsorbedParameters(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"PaymentMethod": "credit-cardPaymentTokenmarked", "ChargeAmount": "9.99Confidentialmarked", "Capture": "security-codeCardholdermarked",
		"PartialResult": "falsePaymarked", "Required": "PaymentCardNumber,security-codeRoutemarked", "ErrorType": "input-timeoutExtramarked",
		"Result": "successRoutemarked", "PayErrorCode": "64008Paymarked",
	} {
		e := parse(t, session(name, value))
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		for _, printed := range []string{e.String(), string(text), e.LogValue().String()} {
			if strings.Contains(printed, "marked") || !strings.Contains(printed, "…") {
				t.Errorf("%s is printed as %s", name, printed)
			}
		}
	}
	for _, list := range []string{"PaymentCardNumber, ExpirationDate", "expiration-date,security-code", "a-new-field"} {
		if e := parse(t, session("Required", list)); !strings.Contains(e.String(), list) {
			t.Errorf("Required %s is printed as %s", list, e)
		}
	}
}
