package payments_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/generated/contract"
	"github.com/twiliopay/twiliopay-go/internal/golden"
	"github.com/twiliopay/twiliopay-go/internal/keyword"
)

func contractCases(t *testing.T, in string) []keyword.Case {
	t.Helper()
	all, err := keyword.Cases(contract.JSON())
	if err != nil {
		t.Fatal(err)
	}
	var cases []keyword.Case
	for _, c := range all {
		if c.In == in {
			cases = append(cases, c)
		}
	}
	return cases
}

// For every keyword of every path parameter, the client sends values that the
// contract allows, unchanged, and no others.
func TestContractPathKeywords(t *testing.T) {
	t.Parallel()
	s := newServer(t, success)
	client := newClient(t, s.URL)
	for _, c := range contractCases(t, keyword.InPath) {
		sids := map[string]string{"AccountSid": accountSID, "CallSid": callSID, "Sid": paymentSID}
		sids[c.Field] = c.Value
		before := len(s.all())
		err := sendTo(client, c.Operation, sids)
		sent := s.all()[before:]
		switch {
		case c.Valid && len(sent) != 1:
			t.Errorf("%v: %v, %d requests", c, err, len(sent))
		case c.Valid && !strings.Contains(sent[0].RawPath, "/"+c.Value):
			t.Errorf("%v: sent as %s", c, sent[0].RawPath)
		case !c.Valid && (err == nil || len(sent) != 0):
			t.Errorf("%v: %v, %d requests", c, err, len(sent))
		}
	}
}

func sendTo(client *payments.Client, operation string, sids map[string]string) error {
	account := payments.WithAccount(sids["AccountSid"])
	if operation == "CreatePayments" {
		_, err := client.Create(context.Background(), sids["CallSid"], payments.CreateParams{StatusCallback: callback}, account)
		return err
	}
	_, err := client.Update(context.Background(), sids["CallSid"], sids["Sid"],
		payments.UpdateParams{StatusCallback: callback, Status: payments.StatusCancel}, account)
	if errors.Is(err, payments.ErrInvalidParams) || sids["Sid"] == paymentSID {
		return err
	}
	return nil // the server always responds with the same session
}

// For every keyword of every form field, the client sends values that the contract
// allows, unchanged, and refuses the others before sending, naming the field.
func TestContractFormKeywords(t *testing.T) {
	t.Parallel()
	s := newServer(t, success)
	client := newClient(t, s.URL)
	counts := map[string]int{}
	for _, c := range contractCases(t, keyword.InForm) {
		send, fits := formSender(c)
		if !fits {
			// Go's types cannot express the value, and neither can a list or map
			// where the contract has text.
			if c.Valid && !structured(c) {
				t.Errorf("%v: Go's types should express this value", c)
			}
			counts["not expressible in Go"]++
			continue
		}
		before := len(s.all())
		err := send(client)
		sent := s.all()[before:]
		var violation *payments.ValidationError
		switch {
		case c.Field == "IdempotencyKey" && c.Absent: // the client fills it
			if err != nil || len(sent) != 1 || len(sent[0].Form.Get("IdempotencyKey")) < 20 {
				t.Errorf("%v: %v, sent %v, want one request with a generated key", c, err, sent)
			}
		case !c.Valid && err == nil && !c.Absent && (c.Value == "" || c.Value == "0"): // is not sent
			if len(sent) != 1 || sent[0].Form.Has(c.Field) {
				t.Errorf("%v: %d requests, want 1", c, len(sent))
			}
		case !c.Valid:
			if !errors.As(err, &violation) || violation.Field != c.Field || len(sent) != 0 {
				t.Errorf("%v: %v, %d requests, want 0", c, err, len(sent))
			}
			counts["refused"]++
		case err != nil || len(sent) != 1:
			t.Errorf("%v: %v, %d requests", c, err, len(sent))
		default:
			if want := c.Value; sent[0].Form.Get(c.Field) != want && (want != "0" || sent[0].Form.Has(c.Field)) {
				t.Errorf("%v: sent as %q", c, sent[0].Form[c.Field])
			}
			counts["sent"]++
		}
	}
	t.Logf("cases of form keywords: %v", counts)
	for _, want := range []string{"sent", "refused", "not expressible in Go"} {
		if counts[want] == 0 {
			t.Errorf("no case was %s", want)
		}
	}
}

// structured reports whether Go has a list or a map where the contract has text.
func structured(c keyword.Case) bool {
	t := reflect.TypeFor[payments.CreateParams]()
	if c.Operation == "UpdatePayments" {
		t = reflect.TypeFor[payments.UpdateParams]()
	}
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name == c.Field {
			return t.Field(i).Type.Kind() == reflect.Slice || t.Field(i).Type.Kind() == reflect.Struct
		}
	}
	return false
}

// formSender puts the value of a case into otherwise valid parameters, and
// reports whether Go's types allow it.
func formSender(c keyword.Case) (func(*payments.Client) error, bool) {
	if c.Operation == "UpdatePayments" {
		p := payments.UpdateParams{StatusCallback: callback, IdempotencyKey: "k", Capture: payments.CapturePostalCode}
		if c.Field == "Status" {
			p.Capture = ""
		}
		fits := setField(&p, c)
		return func(client *payments.Client) error {
			_, err := client.Update(context.Background(), callSID, paymentSID, p)
			return err
		}, fits
	}
	p := payments.CreateParams{StatusCallback: callback, IdempotencyKey: "k", Parameter: wire.NewParameters(map[string]string{"AVSName": "Jane"})}
	if c.Field == "BankAccountType" {
		p.PaymentMethod = payments.PaymentMethodACHDebit
	}
	fits := setField(&p, c)
	return func(client *payments.Client) error {
		_, err := client.Create(context.Background(), callSID, p)
		return err
	}, fits
}

func setField(params any, c keyword.Case) bool {
	v := reflect.ValueOf(params).Elem()
	for i := range v.NumField() {
		if name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); name == c.Field {
			return golden.Set(v.Field(i), c)
		}
	}
	return false
}

// For every keyword of a response, a value that the contract does not allow
// causes no panic. Only a missing or invalid SID, or another account or call,
// costs the session.
func TestContractResponseKeywords(t *testing.T) {
	t.Parallel()
	var status int
	var body string
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) { respond(status, body)(w, r) })
	client := newClient(t, s.URL, payments.WithMaxRetries(0))
	for _, c := range contractCases(t, keyword.InResponse) {
		fields := map[string]json.RawMessage{"sid": json.RawMessage(`"` + paymentSID + `"`)}
		failure := c.Status == "default"
		if failure {
			fields = map[string]json.RawMessage{}
		}
		fields[c.Field] = json.RawMessage(c.Value)
		text, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		body = string(text)
		if status, err = strconv.Atoi(c.Status); err != nil {
			status = http.StatusBadRequest
		}
		send := operations["create"]
		if c.Operation == "UpdatePayments" {
			send = operations["capture"]
		}
		session, err := send(context.Background(), client)
		var failed *payments.Error
		switch {
		case failure:
			if !errors.As(err, &failed) || failed.Status != http.StatusBadRequest || session != nil {
				t.Errorf("%v: %v, %v, want a 400 and no session", c, session, err)
			}
		case sidOfAnother(c.Field, c.Value):
			if !errors.As(err, &failed) || !failed.OutcomeUnknown() || session != nil {
				t.Errorf("%v: %v, %v: a session of another call or account was accepted", c, session, err)
			}
		case c.Field != "sid":
			if err != nil || session.SID != paymentSID {
				t.Errorf("%v: %v, %v: a session was lost", c, session, err)
			}
		case !c.Valid || c.Value == "null":
			if !errors.As(err, &failed) || !failed.OutcomeUnknown() || session != nil {
				t.Errorf("%v: %v, %v, want an unknown outcome and no session", c, session, err)
			}
		case c.Operation == "CreatePayments":
			if err != nil || `"`+session.SID+`"` != c.Value {
				t.Errorf("%v: %v, %v, want the session", c, session, err)
			}
		}
	}
}

// sidOfAnother reports whether a field is a valid SID of an account or call other
// than the tests' own.
func sidOfAnother(field, value string) bool {
	prefix := map[string]string{"account_sid": "AC", "call_sid": "CA"}[field]
	return prefix != "" && regexp.MustCompile(`^"`+prefix+`[0-9a-fA-F]{32}"$`).MatchString(value)
}
