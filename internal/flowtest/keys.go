package flowtest

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// plainTexts are stored by a bus without a key, and too long to occur in sealed
// data by chance.
var plainTexts = []string{`ExpirationDate=1299`, `PaymentCardType=visa`, "PaymentCardNumber"}

// Sealed checks that a bus with a key delivers tokens and stores no plain text.
// The function stored returns all that the servers store.
func Sealed(t *testing.T, bus flow.Bus, stored func() [][]byte) {
	t.Helper()
	d := NewDesk(t, bus)
	f, result := d.Tokenize(bus)
	token := d.Server.Tokens()[0]
	if result.Token.Reveal() != token.Token || result.ProfileID.Reveal() != token.ProfileID || result.TokenWithheld {
		t.Error("the result does not have token and profile")
	}
	all := stored()
	if len(all) < 30 {
		t.Fatalf("only %d messages are stored", len(all))
	}
	for _, text := range append([]string{token.Token, token.ProfileID, f.Session().SID}, plainTexts...) {
		if contains(all, text) {
			t.Errorf("%s is stored in plain text", text)
		}
	}
}

// Unsealed checks that a bus without a key withholds tokens and does not store
// them.
func Unsealed(t *testing.T, bus flow.Bus, stored func() [][]byte) {
	t.Helper()
	d := NewDesk(t, bus)
	f, result := d.Tokenize(bus)
	if result.Token.Reveal() != "" || result.ProfileID.Reveal() != "" || !result.TokenWithheld {
		t.Errorf("token %q, profile %q, withheld %t", result.Token.Reveal(), result.ProfileID.Reveal(), result.TokenWithheld)
	}
	token, all := d.Server.Tokens()[0], stored()
	for _, text := range append([]string{f.Session().SID}, plainTexts...) {
		if !contains(all, text) {
			t.Errorf("%s is not stored: the test looks at the wrong data", text)
		}
	}
	if contains(all, token.Token) || contains(all, token.ProfileID) {
		t.Error("a token is stored")
	}
}

func contains(stored [][]byte, text string) bool {
	return slices.ContainsFunc(stored, func(data []byte) bool { return bytes.Contains(data, []byte(text)) })
}

// KeyTest is a bus with some key that reads what another has sealed, and the
// error that it returns.
type KeyTest struct {
	Bus  flow.Bus
	Want error
}

// Keys checks what buses with other keys can read of a session on a sealed bus.
func Keys(t *testing.T, sealed flow.Bus, tests map[string]KeyTest) {
	t.Helper()
	d := NewDesk(t, sealed)
	f := d.Start(sealed, Charge)
	d.Capture(f, payments.CapturePaymentCardNumber)
	for name, c := range tests {
		if _, _, err := c.Bus.Load(Bounded(t), f.Session()); !errors.Is(err, c.Want) {
			t.Errorf("%s: load: %v, want %v", name, err, c.Want)
		}
		_, live, err := c.Bus.Subscribe(Bounded(t), f.Session())
		if !errors.Is(err, c.Want) {
			t.Errorf("%s: subscribe: %v, want %v", name, err, c.Want)
		}
		if err == nil {
			Must(t, live.Close())
		}
		page, err := c.Bus.List(Bounded(t), flow.ListQuery{Limit: 10})
		Must(t, err)
		if len(page.Records) != 1 || !errors.Is(page.Records[0].Err, c.Want) || (page.Records[0].Value == nil) != (c.Want != nil) {
			t.Errorf("%s: listed %+v, want error %v", name, page.Records, c.Want)
		}
	}
}
