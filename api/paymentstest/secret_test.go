package paymentstest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/internal/leak"
)

// TestNothingPrintsSecrets runs payments with marked values, and searches everything
// that can be printed for them.
func TestNothingPrintsSecrets(t *testing.T) {
	t.Parallel()
	const sub, token, key = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "marked-token", "SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	var logged bytes.Buffer
	tb := &fakeTB{TB: t}
	srv := paymentstest.NewServer(tb, paymentstest.WithLogger(slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		paymentstest.WithCredentials(sub, token), paymentstest.WithAPIKey(key, "marked-secret"),
		paymentstest.WithSubaccount(paymentstest.DefaultAccountSID, "marked-subtoken"))
	client, call := newClient(t, srv), srv.NewCall()
	s, err := client.Create(t.Context(), call.SID, payments.CreateParams{
		StatusCallback: "http://127.0.0.1:1/status?secret=marked-query", ChargeAmount: "5", PostalCode: new(false),
		Parameter: wire.NewParameters(map[string]string{"AVSName": "marked-name"}), Description: "marked-description"})
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	add := func(v any) {
		texts = append(texts, fmt.Sprintf("%v %+v %#v %s", v, v, v, v))
		if data, err := json.Marshal(v); err == nil {
			texts = append(texts, string(data))
		}
	}
	for field, digits := range map[payments.Capture]string{
		payments.CapturePaymentCardNumber: "4111111111111111", payments.CaptureExpirationDate: "1299",
		payments.CapturePostalCode: "94109",
	} {
		if _, err := client.Update(t.Context(), call.SID, s.SID, payments.UpdateParams{StatusCallback: statusURL, Capture: field}); err != nil {
			t.Fatal(err)
		}
		if err := call.Press(digits[:len(digits)-1]); err != nil {
			t.Fatal(err)
		}
		add(srv)
		add(call)
		if err := call.Press(digits[len(digits)-1:] + "#"); err != nil {
			t.Fatal(err)
		}
	}
	add(call.Enter("4111111111111111"))
	r := createOn(srv, otherSID) // a client that sends a card number in the wrong place
	r.body += "&4111111111111111=4111111111111111&PaymentCardNumber=4111111111111111&marked=marked-value"
	if _, body, err := r.send(t, srv); err != nil {
		t.Fatal(err)
	} else {
		texts = append(texts, body)
	}
	for _, c := range srv.Callbacks() {
		add(c.Event)
	}
	for _, r := range srv.Requests() {
		if r.Header.Get("Authorization") != "" || (r.Header.Get("Content-Type") == "") != (r.Violation != nil) {
			t.Errorf("header recorded: %v", r.Header)
		}
		texts = append(texts, fmt.Sprintf("%v %+v %#v %s", r, r, r, r)) // its JSON is complete on purpose
	}
	add(srv)
	tb.cleanup()
	texts = append(texts, logged.String(), strings.Join(tb.errors, "\n"))
	if len(tb.errors) != 1 || logged.Len() == 0 {
		t.Fatalf("errors %q, %d bytes logged: nothing to search", tb.errors, logged.Len())
	}
	for _, text := range texts {
		for _, found := range leak.Find(text, "411111", "marked-", "1299", "94109") {
			t.Errorf("printed: %s", found)
		}
	}
}
