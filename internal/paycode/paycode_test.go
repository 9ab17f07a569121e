package paycode_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/paycode"
)

// A code has precedence over the status, and a failure with neither has no meaning.
func TestIs(t *testing.T) {
	t.Parallel()
	all := []error{paycode.ErrAuthentication, paycode.ErrPermission, paycode.ErrNotFound, paycode.ErrRateLimited, paycode.ErrInvalidParams,
		paycode.ErrServer, paycode.ErrSessionInProgress, paycode.ErrIncomplete, paycode.ErrDeclined}
	for _, tt := range []struct {
		status, code int
		want         []error
	}{
		{0, 0, nil}, {200, 0, nil}, {400, 0, []error{paycode.ErrInvalidParams}}, {400, paycode.ChargeRejected, []error{paycode.ErrDeclined}},
		{0, paycode.CardRejected, []error{paycode.ErrDeclined}}, {503, paycode.Incomplete, []error{paycode.ErrServer, paycode.ErrIncomplete}},
		{400, paycode.Configuration, nil}, {404, paycode.InvalidOperation, []error{paycode.ErrNotFound, paycode.ErrSessionInProgress}},
		{400, paycode.InvalidParameterValue, []error{paycode.ErrInvalidParams}}, {0, 65000, nil}, {599, 0, []error{paycode.ErrServer}},
	} {
		for _, target := range all {
			want := false
			for _, w := range tt.want {
				want = want || w == target
			}
			if got := paycode.Is(tt.status, tt.code, target); got != want {
				t.Errorf("%d/%d means %v: %v, want %v", tt.status, tt.code, target, got, want)
			}
		}
		if paycode.Is(tt.status, tt.code, nil) || paycode.Is(tt.status, tt.code, errors.New("other")) {
			t.Errorf("%d/%d means an error of another package", tt.status, tt.code)
		}
	}
}

// The constants are exactly the dictionary's Pay codes.
func TestCodesMatchTheDictionary(t *testing.T) {
	t.Parallel()
	ours := []int{
		paycode.Configuration, paycode.ServiceUnavailable, paycode.InvalidChargeAmount, paycode.InvalidPaymentConnector,
		paycode.TokenizationUnsupported, paycode.TokenTypeUnsupported, paycode.ChargeUnsupported, paycode.ChargeRejected,
		paycode.NotAuthorized, paycode.TokenRejected, paycode.CurrencyUnsupported, paycode.CardRejected,
		paycode.PaymentMethodUnsupported, paycode.MissingAVSName, paycode.MissingParameter, paycode.InvalidActionURL,
		paycode.BankAccountTypeWithCard, paycode.CaptureOrStatusNeeded, paycode.Incomplete, paycode.InvalidParameterValue,
		paycode.InvalidOperation, paycode.InvalidTestCard, paycode.InvalidTestBankAccount, paycode.ConnectorNotApproved,
	}
	text, err := os.ReadFile("testdata/dictionary.json")
	if err != nil {
		t.Fatal(err)
	}
	var dictionary struct{ Codes []int }
	if err := json.Unmarshal(text, &dictionary); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(ours, dictionary.Codes) {
		t.Errorf("the constants are %v, and the dictionary has %v", ours, dictionary.Codes)
	}
}
