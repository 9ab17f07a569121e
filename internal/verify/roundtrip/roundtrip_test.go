package roundtrip

import (
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/internal/verify/validators"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		_ = f.Value.Set("1500")
	}
	_ = flag.Set("rapid.nofailfile", "true") // the seed is printed, and is enough
	os.Exit(m.Run())
}

// Any valid parameters are sent exactly as set, according to a decoder that
// shares no code with the encoder, and both validators allow the request.
func TestCreateSendsWhatWasSet(t *testing.T) {
	t.Parallel()
	client, wires := newClient(t)
	panel := newPanel(t)
	seen, total := map[string]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		want, call := anyCreate.Draw(t, "params"), anySID("CA").Draw(t, "call SID")
		if _, err := client.Create(t.Context(), call, want); err != nil {
			t.Fatalf("Create: %v", err)
		}
		got, err := decode(wires.last.Body, createFields)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, sameText); diff != "" {
			t.Fatalf("set and sent parameters differ (- set, + sent):\n%s", diff)
		}
		if want := "/2010-04-01/Accounts/" + account + "/Calls/" + call + "/Payments.json"; wires.last.Target != want {
			t.Fatalf("target %s, want %s", wires.last.Target, want)
		}
		allowed(t, panel, wires.last)
		count(seen, want)
		total++
	})
	reportSeen[payments.CreateParams](t, seen, total)
}

func TestUpdateSendsWhatWasSet(t *testing.T) {
	t.Parallel()
	client, wires := newClient(t)
	panel := newPanel(t)
	seen, total := map[string]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		want := anyUpdate.Draw(t, "params")
		call := anySID("CA").Draw(t, "call SID")
		if _, err := client.Update(t.Context(), call, sid, want); err != nil {
			t.Fatalf("Update: %v", err)
		}
		got, err := decode(wires.last.Body, updateFields)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("set and sent parameters differ (- set, + sent):\n%s", diff)
		}
		if want := "/2010-04-01/Accounts/" + account + "/Calls/" + call + "/Payments/" + sid + ".json"; wires.last.Target != want {
			t.Fatalf("target %s, want %s", wires.last.Target, want)
		}
		allowed(t, panel, wires.last)
		count(seen, want)
		total++
	})
	reportSeen[payments.UpdateParams](t, seen, total)
}

// sameText compares amounts by their text: 12 is not 12.00 on the wire.
var sameText = cmp.Comparer(func(a, b wire.Amount) bool { return a == b })

func newPanel(t *testing.T) *validators.Panel {
	t.Helper()
	p, err := validators.NewPanel()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func allowed(t *rapid.T, p *validators.Panel, r validators.Request) {
	findings, err := p.Request(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if !f.Allowed {
			t.Fatalf("the %s document does not allow it: %v", f.Document, f.Err)
		}
	}
}

// count counts which fields were set.
func count(seen map[string]int, params any) {
	v := reflect.ValueOf(params)
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			seen[fieldName(v.Type().Field(i))]++
		}
	}
}

// reportSeen fails for a field of the contract that was never set: the field is
// new, and generator and decoder here do not have it yet.
func reportSeen[P any](t *testing.T, seen map[string]int, total int) {
	t.Helper()
	var params P
	for field := range reflect.TypeOf(params).Fields() {
		if name := fieldName(field); seen[name] == 0 {
			t.Errorf("%s was never set", name)
		}
	}
	t.Logf("| %d requests, each field set in %v", total, seen)
}

func fieldName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}
