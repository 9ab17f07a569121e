package flow_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// TestNoPrinterShowsASecret: no printer shows a message's body or a result's
// token, even where fmt calls no methods: for some verbs, and in unexported
// fields.
func TestNoPrinterShowsASecret(t *testing.T) {
	t.Parallel()
	const secret = "tok_SECRET"
	form := url.Values{"Sid": {aSession.SID}, "Result": {"success"}, "PaymentToken": {secret}, "PaymentConfirmationCode": {secret}, "New": {secret}}
	event, err := callback.Parse(form)
	must(t, err)
	m := flow.Message{Session: aSession, ID: "id", Body: wire.Hide(form.Encode())}
	r := flow.Result{
		Session: aSession, ConfirmationCode: wire.Hide(secret), Token: wire.Hide(secret), ProfileID: wire.Hide(secret),
		CardNumber: wire.Hide(secret), CardType: wire.Hide(payments.CardType(secret)), Event: event,
	}
	type holder struct {
		message  flow.Message
		result   flow.Result
		pointer  *flow.Result
		messages []flow.Message
	}
	h := holder{m, r, &r, []flow.Message{m}}
	var out bytes.Buffer
	for _, v := range []any{m, &m, r, &r, []flow.Message{m}, []*flow.Result{&r}, h, &h, map[string]holder{"k": h}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%p", "%w", "%z", "%T"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		_ = json.NewEncoder(&out).Encode(v) // some refuse to encode it
		_ = xml.NewEncoder(&out).Encode(v)
		_ = gob.NewEncoder(&out).Encode(v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v)
	}
	for _, shown := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%d", []byte(secret))} {
		if strings.Contains(out.String(), shown) {
			t.Errorf("shown as %q: %s", shown, out.String())
		}
	}
}
