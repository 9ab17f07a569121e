package payments_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/generated/contract"
)

// property is what the contract says of one field or path parameter.
type property struct {
	Ref                   string `json:"$ref"`
	Type, Format, Pattern string
	MinLength, MaxLength  int
	Minimum, Maximum      *float64
	ExclusiveMaximum      bool
	Enum                  []string
}

type document struct {
	Paths map[string]struct {
		Post struct {
			Parameters []struct {
				Name   string
				Schema property
			}
			Responses map[string]any
		}
	}
	Components struct {
		Schemas map[string]struct {
			property
			Required   []string
			Properties map[string]property
		}
	}
}

func readContract(t *testing.T) document {
	t.Helper()
	var d document
	if err := json.Unmarshal(contract.JSON(), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// The checks before the network are the contract's: a changed pattern, enum,
// bound or required list fails here until the check follows.
func TestChecksAreTheContracts(t *testing.T) {
	t.Parallel()
	d := readContract(t)
	for path, item := range d.Paths {
		for _, parameter := range item.Post.Parameters {
			want := map[string]string{"AccountSid": "^AC[0-9a-fA-F]{32}$", "CallSid": "^CA[0-9a-fA-F]{32}$", "Sid": "^PK[0-9a-fA-F]{32}$"}[parameter.Name]
			if s := parameter.Schema; s.Pattern != want || s.MinLength != 34 || s.MaxLength != 34 {
				t.Errorf("%s: %s is %+v, and the client checks %s", path, parameter.Name, s, want)
			}
		}
	}
	create, update := d.Components.Schemas["CreatePaymentsRequest"], d.Components.Schemas["UpdatePaymentsRequest"]
	for _, required := range [][]string{create.Required, update.Required} {
		if diff := cmp.Diff([]string{"IdempotencyKey", "StatusCallback"}, required); diff != "" {
			t.Errorf("required, and the client fills or checks: %s", diff)
		}
	}
	timeout, amount, length := create.Properties["Timeout"], create.Properties["ChargeAmount"], create.Properties["MinPostalCodeLength"]
	if *timeout.Minimum != 0 || *timeout.Maximum != 600 || timeout.ExclusiveMaximum {
		t.Errorf("Timeout is %+v, and the client checks 0 to 600", timeout)
	}
	if *amount.Minimum != 0 || *amount.Maximum != 1e6 || !amount.ExclusiveMaximum {
		t.Errorf("ChargeAmount is %+v, and the client checks 0 to below 1000000", amount)
	}
	if *length.Minimum != 0 || length.Maximum != nil {
		t.Errorf("MinPostalCodeLength is %+v, and the client checks 0 and above", length)
	}
}

// Every value of every enum is sent, and nothing beside them.
func TestEnumChecksAreTheContracts(t *testing.T) {
	t.Parallel()
	d := readContract(t)
	s := newServer(t, success)
	client := newClient(t, s.URL)
	create := func(change func(*payments.CreateParams)) error {
		p := payments.CreateParams{StatusCallback: callback}
		change(&p)
		_, err := client.Create(context.Background(), callSID, p)
		return err
	}
	update := func(p payments.UpdateParams) error {
		p.StatusCallback = callback
		_, err := client.Update(context.Background(), callSID, paymentSID, p)
		return err
	}
	ach := wire.Parameters{"AVSName": "Jane"}
	senders := map[string]func(string) error{
		"PaymentMethod": func(v string) error {
			return create(func(p *payments.CreateParams) { p.PaymentMethod, p.Parameter = payments.PaymentMethod(v), ach })
		},
		"BankAccountType": func(v string) error {
			return create(func(p *payments.CreateParams) {
				p.BankAccountType, p.PaymentMethod, p.Parameter = payments.BankAccountType(v), payments.PaymentMethodACHDebit, ach
			})
		},
		"TokenType": func(v string) error {
			return create(func(p *payments.CreateParams) { p.TokenType = payments.TokenType(v) })
		},
		"Confirmation": func(v string) error {
			return create(func(p *payments.CreateParams) { p.Confirmation = payments.Confirmation(v) })
		},
		"Capture": func(v string) error { return update(payments.UpdateParams{Capture: payments.Capture(v)}) },
		"Status":  func(v string) error { return update(payments.UpdateParams{Status: payments.Status(v)}) },
	}
	var enums []string
	for _, request := range []string{"CreatePaymentsRequest", "UpdatePaymentsRequest"} {
		for name, p := range d.Components.Schemas[request].Properties {
			enum := d.Components.Schemas[strings.TrimPrefix(p.Ref, "#/components/schemas/")].Enum
			if len(enum) == 0 {
				continue
			}
			enums = append(enums, name)
			send := senders[name]
			if send == nil {
				t.Errorf("%s has an enum and no check", name)
				continue
			}
			for _, value := range enum {
				if err := send(value); err != nil {
					t.Errorf("%s=%s: %v", name, value, err)
				}
				for _, near := range []string{strings.ToUpper(value), value + " ", value + "x", value[1:]} {
					if err := send(near); err == nil {
						t.Errorf("%s=%q is sent", name, near)
					}
				}
			}
		}
	}
	slices.Sort(enums)
	if want := slices.Sorted(maps.Keys(senders)); !slices.Equal(enums, want) {
		t.Errorf("the contract has enums in %v, the client checks %v", enums, want)
	}
}

// SIDs are taken exactly when the contract's pattern takes them.
func TestSIDPatterns(t *testing.T) {
	t.Parallel()
	pattern := regexp.MustCompile("^CA[0-9a-fA-F]{32}$")
	client := newClient(t, newServer(t, success).URL)
	for c := range 256 {
		for at := range 3 {
			sid := []byte(callSID)
			sid[[]int{0, 2, 33}[at]] = byte(c)
			_, err := client.Create(context.Background(), string(sid), payments.CreateParams{StatusCallback: callback})
			if want := pattern.Match(sid); (err == nil) != want {
				t.Errorf("%q: %v, the contract takes it: %v", sid, err, want)
			}
		}
	}
}

// Every parameter of the vendor's table has a field of the same name, and
// every success status is the contract's.
func TestParametersAreTheContracts(t *testing.T) {
	t.Parallel()
	d := readContract(t)
	for request, params := range map[string]any{"CreatePaymentsRequest": full, "UpdatePaymentsRequest": payments.UpdateParams{Capture: "a", Status: "b"}} {
		text, _ := json.Marshal(params)
		var fields map[string]any
		_ = json.Unmarshal(text, &fields)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(d.Components.Schemas[request].Properties)), slices.Sorted(maps.Keys(fields))); diff != "" {
			t.Errorf("%s: %s", request, diff)
		}
	}
	statuses := map[string]string{}
	for path, item := range d.Paths {
		statuses[path[len("/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}"):]] = fmt.Sprint(slices.Sorted(maps.Keys(item.Post.Responses)))
	}
	if diff := cmp.Diff(map[string]string{"/Payments.json": "[201 default]", "/Payments/{Sid}.json": "[202 default]"}, statuses); diff != "" {
		t.Error(diff)
	}
}
