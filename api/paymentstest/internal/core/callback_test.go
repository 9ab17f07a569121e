package core

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestCallbackForms compares whole forms: of the first callback, an update and the
// last one.
func TestCallbackForms(t *testing.T) {
	t.Parallel()
	p := newPlayer(t, Config{Seed: 1})
	p.play("create ChargeAmount=5.00&SecurityCode=false&PostalCode=false", "pass 90s", "capture payment-card-number", "press "+visa,
		"capture expiration-date", "press 1299", "complete", "verdict")
	p.play("create PaymentMethod=ach-debit&Parameter=%7B%22AVSName%22%3A%22A%22%7D", "cancel")
	var forms []url.Values
	for _, e := range p.all {
		if c, is := e.Event.(Callback); is {
			forms = append(forms, c.Form)
		}
	}
	const first, second = "PKf28aea44f72352c6483f62fbe4548f9d", "PKd108bade9f3b61cd42bfc22d358eafac"
	n := len(forms)
	for i, want := range map[int]url.Values{
		0: {"AccountSid": {testAccount}, "CallSid": {testCall}, "Sid": {first}, "PaymentConnector": {"Default"}, "PaymentMethod": {"credit-card"},
			"ChargeAmount": {"5.00"}, "DateCreated": {"2026-03-01T12:00:00.000Z"}},
		1: {"AccountSid": {testAccount}, "CallSid": {testCall}, "Sid": {first}, "PaymentConnector": {"Default"}, "PaymentMethod": {"credit-card"},
			"ChargeAmount": {"5.00"}, "DateCreated": {"2026-03-01T12:00:00.000Z"}, "DateUpdated": {"2026-03-01T12:01:30.000Z"},
			"Capture": {"payment-card-number"}, "PartialResult": {"true"}, "Required": {"payment-card-number,expiration-date"}},
		n - 3: {"AccountSid": {testAccount}, "CallSid": {testCall}, "Sid": {first}, "PaymentMethod": {"credit-card"},
			"DateUpdated": {"2026-03-01T12:01:30.024Z"}, "Result": {"success"}, "PaymentCardNumber": {"xxxxxxxxxxxx1111"}, "PaymentCardType": {"visa"},
			"ExpirationDate": {"1299"}, "PaymentConfirmationCode": {"ch_28d86804064bf8b9e954b730"}, "PaymentToken": {""}, "ProfileId": {""}},
		n - 2: {"AccountSid": {testAccount}, "CallSid": {testCall}, "Sid": {second}, "PaymentConnector": {"Default"}, "PaymentMethod": {"ach-debit"},
			"BankAccountType": {"consumer-checking"}, "TokenType": {"reusable"}, "DateCreated": {"2026-03-01T12:01:30.000Z"}},
		n - 1: {"AccountSid": {testAccount}, "CallSid": {testCall}, "Sid": {second}, "PaymentMethod": {"ach-debit"},
			"BankAccountType": {"consumer-checking"}, "DateUpdated": {"2026-03-01T12:01:30.001Z"}, "Result": {"transaction-cancelled"},
			"PaymentConfirmationCode": {""}, "PaymentToken": {""}, "ProfileId": {""}},
	} {
		if diff := cmp.Diff(want, forms[i]); diff != "" {
			t.Errorf("callback %d of %d (-want +got):\n%s", i+1, n, diff)
		}
	}
}

// The dates of callbacks follow the time and are at least a millisecond apart.
func TestCallbackDates(t *testing.T) {
	t.Parallel()
	p := newPlayer(t, Config{})
	p.play(cardOnly, "capture payment-card-number", "press 41", "pass 1s", "press 1")
	var dates []string
	for _, e := range p.all {
		if c, is := e.Event.(Callback); is {
			dates = append(dates, c.Form.Get("DateUpdated"))
		}
	}
	want := []string{"", callbackTime(testStart.Add(time.Millisecond)), callbackTime(testStart.Add(2 * time.Millisecond)),
		callbackTime(testStart.Add(3 * time.Millisecond)), callbackTime(testStart.Add(time.Second))}
	if diff := cmp.Diff(want, dates); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Each callback has its own token, and an identical run has the same tokens.
func TestCallbackTokens(t *testing.T) {
	t.Parallel()
	tokens := func(seed uint64) []string {
		p := newPlayer(t, Config{Seed: seed})
		p.play(cardOnly, "capture payment-card-number", "press 41", "cancel")
		var list []string
		for _, e := range p.all {
			if c, is := e.Event.(Callback); is {
				list = append(list, c.Token)
			}
		}
		return list
	}
	first := tokens(1)
	seen := map[string]bool{}
	for _, token := range append(tokens(2), first...) {
		if seen[token] || len(token) != 36 {
			t.Errorf("token %q", token)
		}
		seen[token] = true
	}
	if diff := cmp.Diff(first, tokens(1)); diff != "" {
		t.Errorf("the second run (-first +second):\n%s", diff)
	}
}
