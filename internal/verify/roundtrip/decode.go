// Package roundtrip decodes the client's requests without the SDK's form code,
// and checks that they contain what the caller set.
package roundtrip

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// setter sets a field of the parameters from the text of a form field.
type setter[P any] func(*P, string) error

// createFields and updateFields are written by hand, as an independent check of
// every field's name and encoding.
var createFields = map[string]setter[payments.CreateParams]{
	"BankAccountType":  text(func(p *payments.CreateParams) *payments.BankAccountType { return &p.BankAccountType }),
	"ChargeAmount":     func(p *payments.CreateParams, s string) error { return amount(s, (*string)(&p.ChargeAmount)) },
	"Confirmation":     text(func(p *payments.CreateParams) *payments.Confirmation { return &p.Confirmation }),
	"Currency":         text(func(p *payments.CreateParams) *string { return &p.Currency }),
	"Description":      text(func(p *payments.CreateParams) *string { return &p.Description }),
	"IdempotencyKey":   text(func(p *payments.CreateParams) *string { return &p.IdempotencyKey }),
	"Input":            text(func(p *payments.CreateParams) *string { return &p.Input }),
	"PaymentConnector": text(func(p *payments.CreateParams) *string { return &p.PaymentConnector }),
	"PaymentMethod":    text(func(p *payments.CreateParams) *payments.PaymentMethod { return &p.PaymentMethod }),
	"StatusCallback":   text(func(p *payments.CreateParams) *string { return &p.StatusCallback }),
	"TokenType":        text(func(p *payments.CreateParams) *payments.TokenType { return &p.TokenType }),
	"MinPostalCodeLength": func(p *payments.CreateParams, s string) (err error) {
		p.MinPostalCodeLength, err = strconv.Atoi(s)
		return err
	},
	"Timeout": func(p *payments.CreateParams, s string) (err error) {
		p.Timeout, err = strconv.Atoi(s)
		return err
	},
	"PostalCode":   boolean(func(p *payments.CreateParams) **bool { return &p.PostalCode }),
	"SecurityCode": boolean(func(p *payments.CreateParams) **bool { return &p.SecurityCode }),
	"Parameter": func(p *payments.CreateParams, s string) error {
		return json.Unmarshal([]byte(s), &p.Parameter)
	},
	"RequireMatchingInputs": func(p *payments.CreateParams, s string) error {
		for element := range strings.SplitSeq(s, ",") {
			p.RequireMatchingInputs = append(p.RequireMatchingInputs, payments.Capture(element))
		}
		return nil
	},
	"ValidCardTypes": func(p *payments.CreateParams, s string) error {
		for element := range strings.SplitSeq(s, " ") {
			p.ValidCardTypes = append(p.ValidCardTypes, payments.CardType(element))
		}
		return nil
	},
}

var updateFields = map[string]setter[payments.UpdateParams]{
	"Capture":        text(func(p *payments.UpdateParams) *payments.Capture { return &p.Capture }),
	"IdempotencyKey": text(func(p *payments.UpdateParams) *string { return &p.IdempotencyKey }),
	"Status":         text(func(p *payments.UpdateParams) *payments.Status { return &p.Status }),
	"StatusCallback": text(func(p *payments.UpdateParams) *string { return &p.StatusCallback }),
}

// decode reads a form. Each field must be known, occur once and not be empty.
func decode[P any](body string, fields map[string]setter[P]) (P, error) {
	var params P
	values, err := url.ParseQuery(body)
	if err != nil {
		return params, err
	}
	for name, texts := range values {
		set := fields[name]
		switch {
		case set == nil:
			return params, fmt.Errorf("field %q: unknown", name)
		case len(texts) != 1:
			return params, fmt.Errorf("field %q: sent %d times", name, len(texts))
		case texts[0] == "":
			return params, fmt.Errorf("field %q: sent empty", name)
		}
		if err := set(&params, texts[0]); err != nil {
			return params, fmt.Errorf("field %q: %w", name, err)
		}
	}
	return params, nil
}

func text[P any, T ~string](field func(*P) *T) setter[P] {
	return func(p *P, s string) error {
		*field(p) = T(s)
		return nil
	}
}

func boolean[P any](field func(*P) **bool) setter[P] {
	return func(p *P, s string) error {
		if s != "true" && s != "false" {
			return errors.New("neither true nor false")
		}
		*field(p) = new(s == "true")
		return nil
	}
}

// amount accepts a JSON number without exponent or sign.
func amount(s string, into *string) error {
	if !json.Valid([]byte(s)) || strings.ContainsAny(s, "eE-") {
		return errors.New("not a plain number")
	}
	*into = s
	return nil
}
