package flow_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

func TestMessagesHideTheirBody(t *testing.T) {
	t.Parallel()
	m := flow.Message{Session: aSession, ID: "id", Body: wire.Hide("Sid=" + aSession.SID + "&PaymentToken=tok_secret"), Note: "note"}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("message", "m", m)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s %q %d", m, m, m, m, m, m), fmt.Sprint([]flow.Message{m}), jsonOf(t, m), log.String()} {
		if strings.Contains(text, "tok_secret") || !strings.Contains(text, aSession.SID) {
			t.Errorf("printed as %s", text)
		}
	}
}

func TestMessagesWithoutTokens(t *testing.T) {
	t.Parallel()
	body := url.Values{
		"Sid": {aSession.SID}, "Result": {"success"}, "PaymentToken": {"tok_secret"}, "ProfileId": {"cus_secret"},
		"PaymentTokenToo": {"tok_secret"}, "PaymentConfirmationCode": {"ch_1"}, "ExpirationDate": {"1299"},
	}
	for name, c := range map[string]struct {
		without  string
		withheld bool
	}{"token": {"ProfileId", true}, "profile": {"PaymentToken", true}, "charge": {"both", false}} {
		form := url.Values{}
		for name, values := range body {
			form[name] = values
		}
		form.Set(c.without, "")
		if c.without == "both" {
			form.Set("PaymentToken", "")
			form.Set("ProfileId", "")
		}
		e, err := flow.Message{Session: aSession, Body: wire.Hide(form.Encode())}.WithoutTokens().Event()
		must(t, err)
		if raw := e.Raw().Encode(); strings.Contains(raw, "secret") {
			t.Errorf("%s: kept %s", name, raw)
		}
		if e.PaymentConfirmationCode.Reveal() != "ch_1" || e.ExpirationDate.Reveal() != "1299" || !e.Succeeded() {
			t.Errorf("%s: lost other parameters: %s", name, e.Raw().Encode())
		}
		if withheld := len(e.Extra()) > 0; withheld != c.withheld {
			t.Errorf("%s: withheld %t, want %t", name, withheld, c.withheld)
		}
	}
	if m := (flow.Message{Session: aSession, Body: wire.Hide("%zz&PaymentToken=tok_secret")}).WithoutTokens(); m.Body.Reveal() != "" {
		t.Errorf("of a body that is not a form, %q is kept", m.Body.Reveal())
	}
}

// TestMessagesWithoutCardNumbers: a bus without a key stores no card number,
// code or account number, even if Twilio sends one.
func TestMessagesWithoutCardNumbers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ parameter, sent, stored string }{
		"card number":              {"PaymentCardNumber", "4111111111111111", "xxxxxxxxxxxx1111"},
		"with hyphens":             {"PaymentCardNumber", "4111-1111-1111-1111", "xxxx-xxxx-xxxx-1111"},
		"masked by Twilio":         {"PaymentCardNumber", "xxxx-xxxxxx-x4001", "xxxx-xxxxxx-x4001"},
		"half a card number":       {"PaymentCardNumber", "41111111", "xxxxxxxx"},
		"half a number, hyphens":   {"PaymentCardNumber", "4111-1111-11", "xxxx-xxxx-xx"},
		"digits of another script": {"PaymentCardNumber", "٤١١١", "xxxx"},
		"security code":            {"SecurityCode", "123", "xxx"},
		"account number":           {"BankAccountNumber", "123456789", "xxxxxxx89"},
		"gateway's text":           {"PaymentError", "card 4111 1111 1111 1111 declined, code 51", "card xxxx xxxx xxxx 1111 declined, code 51"},
		"gateway's code":           {"ConnectorError", "do_not_honor 4111111111111111", "do_not_honor xxxxxxxxxxxx1111"},
		"reference":                {"PaymentConfirmationCode", "4111111111111111", "4111111111111111"},
	} {
		form := url.Values{"Sid": {aSession.SID}, c.parameter: {c.sent, c.sent}}
		m := flow.Message{Session: aSession, Body: wire.Hide(form.Encode())}.WithoutTokens()
		stored, err := url.ParseQuery(m.Body.Reveal())
		must(t, err)
		if got := stored[c.parameter]; !slices.Equal(got, []string{c.stored, c.stored}) {
			t.Errorf("%s: stored %q, want %q twice", name, got, c.stored)
		}
	}
}

// TestMessagesWithAbsorbedTokens: whoever recorded a delivery can split it so that a
// parameter which may be stored holds the next one, token included.
func TestMessagesWithAbsorbedTokens(t *testing.T) {
	t.Parallel()
	for name, absorbed := range map[string]string{
		"PaymentMethod": "credit-cardPaymentTokentok_secret", "ChargeAmount": "9.99ConnectorErrortok_secret", "PaymentCardType": "visaNewParametertok_secret",
		"PaymentConfirmationCode": "ch_1PaymentErrortok_secret", "PaymentConnector": "DefaultPaymentErrortok_secret", "DateUpdated": "2026-01-01T00:00:00ZExpirationDatetok_secret",
	} {
		m := flow.Message{Session: aSession, Body: wire.Hide(formOf(aSession, form{name: absorbed, "Result": "success"}).values().Encode())}.WithoutTokens()
		if body := m.Body.Reveal(); strings.Contains(body, "secret") || !strings.Contains(body, name) {
			t.Errorf("stored %s", body)
		}
	}
	whole := formOf(aSession, form{
		"PaymentMethod": "credit-card", "ChargeAmount": "9.99", "PaymentCardType": "a-new-card", "PaymentConfirmationCode": "ch_A1B2", "PaymentConnector": "PGP_MOCK",
		"DateUpdated": "Tue, 10 Aug 2021 03:58:27 +0000", "Required": "PaymentCardNumber, ExpirationDate", "PayErrorCode": "64008", "Result": "success",
	}).values().Encode()
	if got := (flow.Message{Session: aSession, Body: wire.Hide(whole)}).WithoutTokens().Body.Reveal(); got != whole {
		t.Errorf("stored %s, want %s", got, whole)
	}
}

// TestNewerFormatsAreRefused with an error that names the remedy. Messages from
// before formats existed are read.
func TestNewerFormatsAreRefused(t *testing.T) {
	t.Parallel()
	whole := string(flow.Message{Session: aSession, ID: "id", Body: wire.Hide("Sid=PK")}.Encode())
	settled := string(flow.Message{Session: aSession, ID: "id", Note: flow.NoteSettled}.Encode())
	if !strings.Contains(settled, `"format":2`) { // an older version must not read it as a callback
		t.Errorf("a note that format 1 does not have: %s", settled)
	}
	for name, c := range map[string]struct {
		text string
		want string // in the error; empty if it is readable
	}{
		"the first format": {whole, ""},
		"this format":      {settled, ""},
		"before formats":   {strings.Replace(whole, `"format":1,`, "", 1), ""},
		"a newer format":   {strings.Replace(whole, `"format":1`, `"format":3`, 1), "has format 3"},
		"an unknown field": {strings.Replace(whole, `"format":1`, `"format":1,"priority":7`, 1), "cannot be decoded"},
		"not a message":    {"tok_secret", "cannot be decoded"},
	} {
		m, err := flow.DecodeMessage([]byte(c.text))
		switch {
		case c.want == "" && (err != nil || m.ID != "id"):
			t.Errorf("%s: %v, %v, want the message", name, m, err)
		case c.want != "" && (!errors.Is(err, flow.ErrFormat) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret")):
			t.Errorf("%s: %v, want ErrFormat: %s", name, err, c.want)
		}
	}
}

func TestMessagesAreEncodedWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := flow.Message{
			Session: flow.Session{
				AccountSID: rapid.String().Draw(t, "account"), CallSID: rapid.String().Draw(t, "call"), SID: rapid.String().Draw(t, "sid"),
			},
			ID: rapid.String().Draw(t, "id"), Flow: rapid.String().Draw(t, "flow"), Step: rapid.Int().Draw(t, "step"),
			Body: wire.Hide(rapid.String().Draw(t, "body")), Note: flow.Note(rapid.String().Draw(t, "note")), Final: rapid.Bool().Draw(t, "final"),
		}
		got, err := flow.DecodeMessage(m.Encode())
		if err != nil || !got.Equal(m) {
			t.Fatalf("%s became %s, %v", m.Encode(), got.Encode(), err)
		}
	})
}

// FuzzDecodeMessage: whatever a bus holds, decoding does not panic, and what
// decodes encodes to itself.
func FuzzDecodeMessage(f *testing.F) {
	f.Add(flow.Message{Session: aSession, ID: "id", Body: wire.Hide("Sid=" + aSession.SID), Final: true}.Encode())
	f.Add([]byte(`{"session":{"call":1}}`))
	f.Add([]byte("\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := flow.DecodeMessage(data)
		if err != nil {
			return
		}
		again, err := flow.DecodeMessage(m.Encode())
		if err != nil || !again.Equal(m) {
			t.Errorf("%q became %q", m.Encode(), again.Encode())
		}
		if e, err := m.Event(); err == nil && e.SID == "" {
			t.Error("an event without a session")
		}
	})
}
