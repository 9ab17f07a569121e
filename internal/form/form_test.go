package form_test

import (
	"errors"
	"net/url"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/generated"
	"github.com/twiliopay/twiliopay-go/internal/form"
)

func TestAppend(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		params any
		want   string
	}{
		"zero values are absent": {&generated.CreateParams{}, ""},
		"empty list and map":     {&generated.CreateParams{ValidCardTypes: []generated.CardType{}, Parameter: wire.NewParameters(map[string]string{})}, ""},
		"false is sent":          {&generated.CreateParams{PostalCode: new(false), SecurityCode: new(true)}, "PostalCode=false&SecurityCode=true"},
		"an amount as written":   {&generated.CreateParams{ChargeAmount: "12.00"}, "ChargeAmount=12.00"},
		"a zero amount is sent":  {&generated.CreateParams{ChargeAmount: "0"}, "ChargeAmount=0"},
		"numbers":                {&generated.CreateParams{Timeout: 600, MinPostalCodeLength: 5}, "MinPostalCodeLength=5&Timeout=600"},
		"lists": {&generated.CreateParams{
			ValidCardTypes:        []generated.CardType{"visa", "amex"},
			RequireMatchingInputs: []generated.Capture{"security-code", "postal-code"},
		}, "RequireMatchingInputs=security-code%2Cpostal-code&ValidCardTypes=visa+amex"},
		"parameters are one JSON object": {&generated.CreateParams{Parameter: wire.NewParameters(map[string]string{"b": "<2>", "a": "1"})}, "Parameter=%7B%22a%22%3A%221%22%2C%22b%22%3A%22%3C2%3E%22%7D"},
		"text is escaped":                {&generated.CreateParams{Description: "a b&c=d+é~-_.*'"}, "Description=a+b%26c%3Dd%2B%C3%A9~-_.%2A%27"},
		"an update":                      {&generated.UpdateParams{IdempotencyKey: "k", Status: "complete", StatusCallback: "https://a.example/?b=c"}, "IdempotencyKey=k&Status=complete&StatusCallback=https%3A%2F%2Fa.example%2F%3Fb%3Dc"},
	} {
		body, err := form.Append(nil, tt.params)
		if err != nil || string(body) != tt.want {
			t.Errorf("%s: %s, %v, want %s", name, body, err, tt.want)
		}
	}
}

func TestAppendRefusesUnencodableText(t *testing.T) {
	t.Parallel()
	for field, params := range map[string]any{
		"Description":    &generated.CreateParams{Description: "\xff"},
		"Currency":       &generated.CreateParams{Currency: "\xff"},
		"Parameter":      &generated.CreateParams{Parameter: wire.NewParameters(map[string]string{"a": "\xff"})},
		"ValidCardTypes": &generated.CreateParams{ValidCardTypes: []generated.CardType{"visa amex"}},
		"Capture":        &generated.UpdateParams{Capture: "\xc3\x28"},
	} {
		_, err := form.Append(nil, params)
		var wrong *form.FieldError
		if !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%s: %v, want an error of that field", field, err)
		}
	}
	if _, err := form.Append(nil, &generated.CreateParams{ValidCardTypes: []generated.CardType{"\xff"}}); !errors.Is(err, form.ErrUTF8) {
		t.Errorf("a list element that is not UTF-8: %v, want form.ErrUTF8", err)
	}
	if _, err := form.AppendPair(nil, "\xff", "a"); !errors.Is(err, form.ErrUTF8) {
		t.Errorf("a name that is not UTF-8: %v, want form.ErrUTF8", err)
	}
}

func TestEscapingMatchesTheStandardLibrary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name, value := rapid.String().Draw(t, "name"), rapid.String().Draw(t, "value")
		body, err := form.AppendPair(nil, name, value)
		if want := url.QueryEscape(name) + "=" + url.QueryEscape(value); err != nil || string(body) != want {
			t.Fatalf("%q=%q is encoded as %s, %v, want %s", name, value, body, err, want)
		}
	})
}

func TestNamesFollowTheType(t *testing.T) {
	t.Parallel()
	if got, want := form.Names(&struct {
		B string `json:"Second,omitempty"`
		A int    `json:"First,omitempty"`
	}{}), []string{"Second", "First"}; !slices.Equal(got, want) {
		t.Errorf("names %v, want %v", got, want)
	}
	defer func() {
		if recover() == nil {
			t.Error("an unknown type caused no panic")
		}
	}()
	form.Names(&struct {
		A float64 `json:"A"`
	}{})
}
