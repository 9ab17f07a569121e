package payments_test

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/internal/testvectors"
)

type peerCase struct {
	Client, ID, Op, Written, Why string
	Form                         map[string]string
}

func readPeers(t *testing.T) (valid, leftOut []peerCase) {
	t.Helper()
	text, err := os.ReadFile("testdata/peers.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Valid   []peerCase
		LeftOut []peerCase `json:"left_out"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Valid, file.LeftOut
}

// For a valid call, this client sends the same form as twilio-node and twilio-go.
func TestFormsMatchOtherClients(t *testing.T) {
	t.Parallel()
	valid, _ := readPeers(t)
	if len(valid) != 29 {
		t.Errorf("%d cases, want 29", len(valid))
	}
	for _, tt := range valid {
		t.Run(tt.Client+" "+tt.ID, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, success)
			client := newClient(t, s.URL)
			var err error
			if tt.Op == "create" {
				_, err = client.Create(context.Background(), callSID, paramsOf[payments.CreateParams](t, tt))
			} else {
				_, err = client.Update(context.Background(), callSID, paymentSID, paramsOf[payments.UpdateParams](t, tt))
			}
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for name, values := range s.all()[0].Form {
				got[name] = values[0]
			}
			if diff := cmp.Diff(tt.Form, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// paramsOf converts a form to parameters by way of JSON.
func paramsOf[T any](t *testing.T, c peerCase) T {
	t.Helper()
	fields := map[string]any{}
	for name, value := range c.Form {
		switch name {
		case "Parameter":
			fields[name] = json.RawMessage(value)
		case "PostalCode", "SecurityCode":
			fields[name] = value == "true"
		case "MinPostalCodeLength":
			fields[name], _ = strconv.Atoi(value)
		case "ChargeAmount":
			fields[name] = c.Written // what their caller wrote, not what their client sent
		default:
			fields[name] = value
		}
	}
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	var params T
	if err := json.Unmarshal(text, &params); err != nil {
		t.Fatal(err)
	}
	return params
}

// Every captured request is a case, or is left out for a stated reason.
func TestPeerCasesAreComplete(t *testing.T) {
	t.Parallel()
	valid, leftOut := readPeers(t)
	known := map[string]peerCase{}
	for _, c := range append(valid, leftOut...) {
		known[c.Client+" "+c.ID] = c
	}
	captures := testvectors.Peers()
	for _, v := range captures {
		c, ok := known[v.Client+" "+v.ID]
		if !ok || c.Why == "" && c.Form == nil {
			t.Errorf("%s %s is neither a case nor left out", v.Client, v.ID)
			continue
		}
		form, _ := url.ParseQuery(v.Body)
		for name, value := range c.Form {
			if form.Get(name) != value {
				t.Errorf("%s %s: %s is %q in the capture, want %q", v.Client, v.ID, name, form.Get(name), value)
			}
		}
	}
	if len(known) != len(captures) {
		t.Errorf("%d cases for %d captures", len(known), len(captures))
	}
}
