package golden

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/generated/contract"
	"github.com/twiliopay/twiliopay-go/internal/keyword"
)

// Full returns parameters with every field set, so that a request shows every
// encoding. A field added to the contract later gets a value that the contract
// allows.
func Full() payments.CreateParams {
	p := payments.CreateParams{
		IdempotencyKey:        "key-1",
		StatusCallback:        "https://pay.example.com/status?desk=7&agent=a b",
		BankAccountType:       payments.BankAccountTypeConsumerSavings,
		ChargeAmount:          "12.00",
		Confirmation:          payments.ConfirmationTrue,
		Currency:              "EUR",
		Description:           "Café + 2 % \"extra\" & more",
		Input:                 "dtmf",
		MinPostalCodeLength:   5,
		Parameter:             wire.NewParameters(map[string]string{"AVSName": "Jane <Doe> & Söhne", "a": "1"}),
		PaymentConnector:      "Default",
		PaymentMethod:         payments.PaymentMethodACHDebit,
		PostalCode:            new(false),
		RequireMatchingInputs: []payments.Capture{payments.CaptureSecurityCode, payments.CapturePostalCode},
		SecurityCode:          new(true),
		Timeout:               600,
		TokenType:             payments.TokenTypePaymentMethod,
		ValidCardTypes:        []payments.CardType{payments.CardTypeVisa, payments.CardTypeDinersClub},
	}
	cases, err := keyword.Cases(contract.JSON())
	if err != nil {
		panic(err)
	}
	v := reflect.ValueOf(&p).Elem()
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		for _, c := range cases {
			if c.Operation == "CreatePayments" && c.In == keyword.InForm && c.Field == name && c.Valid && v.Field(i).IsZero() {
				Set(v.Field(i), c)
			}
		}
	}
	return p
}

// Set sets a field to the value of a case, and reports whether its Go type can hold
// that value.
func Set(v reflect.Value, c keyword.Case) bool {
	switch {
	case c.Absent:
		v.SetZero()
	case v.Kind() == reflect.String:
		v.SetString(c.Value)
	case v.Kind() == reflect.Int:
		n, err := strconv.Atoi(c.Value)
		v.SetInt(int64(n))
		return err == nil && strconv.Itoa(n) == c.Value
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.ValueOf(new(c.Value == "true")))
		return c.Value == "true" || c.Value == "false"
	case v.Kind() == reflect.Slice:
		separator := ","
		if strings.HasPrefix(v.Type().Name(), "SpaceList") {
			separator = " "
		}
		for element := range strings.SplitSeq(c.Value, separator) {
			e := reflect.New(v.Type().Elem()).Elem()
			e.SetString(element)
			v.Set(reflect.Append(v, e))
		}
		return !strings.ContainsAny(strings.ReplaceAll(c.Value, separator, ""), " ,\r\n\t")
	case v.Kind() == reflect.Struct:
		return strings.HasPrefix(c.Value, "{") && json.Unmarshal([]byte(c.Value), v.Addr().Interface()) == nil
	}
	return true
}
