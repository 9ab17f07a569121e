package callback_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/internal/leak"
	"github.com/twiliopay/twiliopay-go/internal/paycode"
)

func TestErr(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		form []string
		text string // "" when there is no error
		code int
		is   error
	}{
		"success":           {[]string{"Result", "success"}, "", 0, nil},
		"success first":     {[]string{"Result", "success", "PayErrorCode", "64008"}, "", 0, nil},
		"started":           {nil, "", 0, nil},
		"wrong entry":       {[]string{"Capture", "security-code", "ErrorType", "input-timeout"}, "", 0, nil},
		"declined":          {[]string{"Result", "payment-connector-error", "PayErrorCode", "64008"}, "payment failed: payment-connector-error, code 64008", 64008, paycode.ErrDeclined},
		"token declined":    {[]string{"Result", "payment-connector-error", "PayErrorCode", " 64010 "}, "payment failed: payment-connector-error, code 64010", 64010, paycode.ErrDeclined},
		"service down":      {[]string{"Result", "payment-connector-error", "PayErrorCode", "64002"}, "payment failed: payment-connector-error, code 64002", 64002, paycode.ErrServer},
		"hung up":           {[]string{"Result", "caller-hung-up"}, "payment failed: caller-hung-up", 0, nil},
		"not a number":      {[]string{"Result", "validation-error", "PayErrorCode", "E-12"}, "payment failed: validation-error", 0, nil},
		"negative":          {[]string{"Result", "validation-error", "PayErrorCode", "-1"}, "payment failed: validation-error", 0, nil},
		"no result":         {[]string{"Result", ""}, "payment failed", 0, nil},
		"only a code":       {[]string{"PayErrorCode", "64012"}, "payment failed, code 64012", 64012, paycode.ErrDeclined},
		"only a text":       {[]string{"PaymentError", "gateway said no"}, "payment failed", 0, nil},
		"only gateway text": {[]string{"ConnectorError", "51"}, "payment failed", 0, nil},
		"empty parameters":  {[]string{"PayErrorCode", "", "PaymentError", "", "ConnectorError", ""}, "", 0, nil},
	}
	sentinels := []error{paycode.ErrDeclined, paycode.ErrServer, paycode.ErrIncomplete, paycode.ErrInvalidParams, paycode.ErrSessionInProgress}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := parse(t, session(test.form...)).Err()
			if test.text == "" {
				if err != nil {
					t.Fatalf("error %v, want none", err)
				}
				return
			}
			failure, ok := errors.AsType[*callback.PaymentError](err)
			if !ok || err.Error() != test.text || failure.Code != test.code || failure.SessionSID != sessionSID {
				t.Errorf("error %v, want %q with code %d", err, test.text, test.code)
			}
			for _, sentinel := range sentinels {
				if got := errors.Is(err, sentinel); got != (sentinel == test.is) {
					t.Errorf("is %v: %v", sentinel, got)
				}
			}
		})
	}
}

func TestPaymentErrorText(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"Card%20declined%3A%20call%20bank": "Card declined: call bank",
		"5% fee":                           "5% fee",
		"a+b":                              "a+b",
		"":                                 "",
	} {
		err := parse(t, session("Result", "payment-connector-error", "PaymentError", message, "ConnectorError", "51 %41")).Err()
		failure, _ := errors.AsType[*callback.PaymentError](err)
		if failure.Message() != want || failure.ConnectorError() != "51 %41" {
			t.Errorf("%q: message %q (want %q), connector %q, want %q", message, failure.Message(), want, failure.ConnectorError(), "51 %41")
		}
	}
	made := &callback.PaymentError{Code: 64008}
	if made.Message() != "" || made.ConnectorError() != "" || !errors.Is(made, paycode.ErrDeclined) {
		t.Errorf("an error made by hand: %v, want paycode.ErrDeclined", made)
	}
}

// TestPaymentErrorHidesItsText: a gateway's text may hold anything.
func TestPaymentErrorHidesItsText(t *testing.T) {
	t.Parallel()
	err := parse(t, session("Result", "payment-connector-error", "PayErrorCode", "64008",
		"PaymentError", "secret 4111111111111111", "ConnectorError", "secret too")).Err()
	type holder struct {
		Err  error
		held *callback.PaymentError
		text callback.PaymentError
	}
	failure, _ := errors.AsType[*callback.PaymentError](err)
	var out strings.Builder
	for _, verb := range verbs {
		fmt.Fprintf(&out, verb+"\n", err)
		fmt.Fprintf(&out, verb+"\n", *failure)
		fmt.Fprintf(&out, verb+"\n", holder{err, failure, *failure})
	}
	for _, v := range []any{err, *failure, holder{err, failure, *failure}, fmt.Errorf("wrapped: %w", err)} {
		data, _ := json.Marshal(v)
		out.Write(data)
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "err", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "err", v)
	}
	for _, found := range leak.Find(out.String(), "secret", "4111") {
		t.Errorf("shown: %s", found)
	}
	if !strings.Contains(out.String(), `"code":64008`) || !strings.Contains(out.String(), "payment-connector-error, code 64008") {
		t.Errorf("the code is not shown: %s", &out)
	}
}
