package yaml_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

const secret = "SECRET"

// values are the values of the SDK that hold secrets.
func values(t *testing.T) map[string]any {
	t.Helper()
	session := flow.Session{
		AccountSID: paymentstest.DefaultAccountSID, CallSID: "CA0123456789abcdef0123456789abcdef", SID: "PK0123456789abcdef0123456789abcdef",
	}
	form := url.Values{"Sid": {session.SID}, "Result": {"payment-connector-error"}, "PayErrorCode": {"64008"}, "Unknown": {secret}}
	for _, name := range []string{
		"PaymentToken", "ProfileId", "PaymentConfirmationCode", "PaymentCardNumber", "SecurityCode", "ExpirationDate",
		"PaymentCardPostalCode", "BankAccountNumber", "BankRoutingNumber", "PaymentConnector", "PaymentError", "ConnectorError",
	} {
		form.Set(name, secret)
	}
	event, err := callback.Parse(form)
	if err != nil {
		t.Fatal(err)
	}
	failed := event.Err()
	if failed == nil || event.PaymentToken.Reveal() != secret {
		t.Fatal("the secrets are not in the event")
	}
	parameters := wire.NewParameters(map[string]string{"AVSName": secret})
	params := payments.CreateParams{Parameter: parameters, StatusCallback: "https://pay.example.com/status?token=" + secret}
	return map[string]any{
		"event": event, "fields of an event": event.StatusEvent, "failure": failed,
		"message": flow.Message{Session: session, ID: "id", Body: wire.Hide(form.Encode())},
		"result": flow.Result{
			Session: session, ConfirmationCode: wire.Hide(secret), Token: wire.Hide(secret), ProfileID: wire.Hide(secret),
			CardNumber: wire.Hide(secret), CardType: wire.Hide(payments.CardType(secret)), Event: event,
		},
		"parameters": parameters, "error": refused(t, params), "hidden text": wire.Hide(secret),
	}
}

// refused is the error of a create that Twilio refuses with a response that
// repeats the request.
func refused(t *testing.T, params payments.CreateParams) error {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"code":64020,"message":"bad: %[1]s","more_info":"https://example.com/%[1]s","details":{"given":"%[1]s"}}`, secret)
	}))
	t.Cleanup(server.Close)
	client, err := payments.NewClient(payments.WithCredentials(paymentstest.DefaultAccountSID, "token-"+secret), payments.WithBaseURL(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Create(t.Context(), "CA0123456789abcdef0123456789abcdef", params)
	if err == nil {
		t.Fatal("the create was not refused")
	}
	return err
}

// holder is a user's struct with a value in several places.
type holder struct {
	Exported   any
	List       []any
	Map        map[string]any
	unexported any
	deep       struct{ list []any }
}

func TestYAMLShowsNoSecret(t *testing.T) {
	t.Parallel()
	for name, v := range values(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := holder{Exported: v, List: []any{v}, Map: map[string]any{"k": v}, unexported: v}
			h.deep.list = []any{v}
			for how, thing := range map[string]any{"itself": v, "pointer": &v, "in a struct": h, "behind a pointer": &h, "in a list": []holder{h}} {
				text, err := yaml.Marshal(thing)
				if err != nil {
					t.Fatalf("%s: %v", how, err)
				}
				if len(text) == 0 || strings.Contains(string(text), secret) {
					t.Errorf("%s: %s", how, text)
				}
			}
		})
	}
}
