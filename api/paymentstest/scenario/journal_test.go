package scenario_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/scenario"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/internal/leak"
)

// all is more entries than any test creates.
const all = 1_000_000

// save records what a server has seen as a scenario, writes it and reads it back.
func save(t *testing.T, srv *paymentstest.Server) *scenario.Scenario {
	t.Helper()
	saved, err := scenario.FromJournal(srv.Entries(0, all))
	if err != nil {
		t.Fatal(err)
	}
	read, err := scenario.Parse("saved.json", saved.Text())
	if err != nil {
		t.Fatalf("%v\n%s", err, saved.Text())
	}
	return read
}

// TestSavedRuns: a saved run replays with the same results, contains no digit of the
// caller's, and saves identically after the replay.
func TestSavedRuns(t *testing.T) {
	t.Parallel()
	for _, sc := range scenario.Shipped() {
		t.Run(sc.Name(), func(t *testing.T) {
			t.Parallel()
			play(t, sc, func(t *testing.T, srv *paymentstest.Server, _ *scenario.Report) {
				saved := save(t, srv)
				if found := leak.Find(string(saved.Text()), "4111111111111111", "5555555555554444", "378282246310005", "6011111111111117", "1299", "94109", "121181976", "123456789", "1234"); found != nil {
					t.Errorf("%v appears in\n%s", found, saved.Text())
				}
				var file struct{ Expect map[string]any }
				if err := json.Unmarshal(saved.Text(), &file); err != nil || len(file.Expect["results"].([]any)) == 0 || len(file.Expect["events"].([]any)) < 2 {
					t.Errorf("expects %v", file.Expect)
				}
				// The replay meets the original's expectations.
				another := paymentstest.NewServer(t, paymentstest.InMemory())
				r, err := saved.Run(t.Context(), another)
				if err != nil || !r.Passed() {
					t.Fatalf("%v %s%s\n%s", err, r, strings.Join(r.Steps, "\n"), saved.Text())
				}
				r, err = sc.Check(t.Context(), another)
				if err != nil || !r.Passed() {
					t.Errorf("%v %s\n%s", err, r, saved.Text())
				}
				if diff := cmp.Diff(string(saved.Text()), string(save(t, another).Text())); diff != "" {
					t.Errorf("saved again (-first +second):\n%s", diff)
				}
			})
		})
	}
}

// TestSavedText compares a whole saved file.
func TestSavedText(t *testing.T) {
	t.Parallel()
	sc := parse(t, "file", object{
		"payment": object{"ChargeAmount": "5.00", "PostalCode": false, "Description": "for Jane Doe", "Parameter": object{"order": "4711"},
			"ValidCardTypes": []string{"visa", "amex"}, "Timeout": 3, "MinPostalCodeLength": 2},
		"caller":  object{"payment-card-number": []string{"4111 1111 1111 1112", "3782 8224 6310 005"}, "security-code": []string{"nothing", "4321"}, "expiration-date": "1#"},
		"gateway": []any{object{"verdict": "decline", "code": 64008, "connectorError": "insufficient_funds", "after": "1s"}},
		"faults": object{
			"requests":  []any{object{"operation": "capture", "fault": "too-many-requests", "retryAfter": "1", "nth": 2}, object{"operation": "create", "fault": "reset", "delay": "1s", "takesEffect": true}},
			"callbacks": []any{object{"event": "failed", "way": "twice"}, object{"event": "entering", "nth": 3, "way": "late", "delay": "12s"}},
		},
		"steps": []string{"create", "capture payment-card-number", "capture payment-card-number", "capture expiration-date", "capture security-code", "star"},
	})
	const want = `{
  "title": "saved from a run",
  "payment": {
    "ChargeAmount": "5.00",
    "MinPostalCodeLength": 2,
    "Parameter": {
      "order": "example"
    },
    "PostalCode": false,
    "Timeout": 3,
    "ValidCardTypes": [
      "visa",
      "amex"
    ]
  },
  "steps": [
    "create",
    "capture payment-card-number",
    "capture payment-card-number",
    "capture expiration-date",
    "capture security-code"
  ],
  "patience": "13s",
  "caller": {
    "expiration-date": "too-short",
    "payment-card-number": [
      "check-digit",
      "amex"
    ],
    "security-code": "star"
  },
  "faults": {
    "requests": [
      {
        "operation": "create",
        "fault": "reset",
        "takesEffect": true,
        "delay": "1s"
      },
      {
        "operation": "capture",
        "nth": 2,
        "fault": "too-many-requests",
        "retryAfter": "1"
      }
    ],
    "callbacks": [
      {
        "event": "entering",
        "nth": 3,
        "way": "late",
        "delay": "12s"
      },
      {
        "event": "failed",
        "way": "twice"
      }
    ]
  },
  "expect": {
    "results": [
      "caller-interrupted-with-star"
    ],
    "charges": [],
    "tokens": [],
    "events": [
      "started",
      "failed payment-card-number invalid-card-number",
      "captured payment-card-number",
      "failed expiration-date invalid-date",
      "ended caller-interrupted-with-star"
    ]
  }
}
`
	play(t, sc, func(t *testing.T, srv *paymentstest.Server, r *scenario.Report) {
		if diff := cmp.Diff(want, string(save(t, srv).Text())); diff != "" {
			t.Errorf("(-want +got):\n%s\n%v", diff, r.Steps)
		}
	})
}

// TestNotSaveable: FromJournal says what a scenario file cannot express.
func TestNotSaveable(t *testing.T) {
	t.Parallel()
	pay := func(t *testing.T, srv *paymentstest.Server, call string) {
		t.Helper()
		client, err := payments.NewClient(append(srv.ClientOptions(), payments.WithMaxRetries(0))...)
		if err != nil {
			t.Fatal(err)
		}
		s, err := client.Create(t.Context(), call, payments.CreateParams{StatusCallback: statusURL, ChargeAmount: "1", PostalCode: new(false),
			SecurityCode: new(false), Parameter: wire.NewParameters(map[string]string{"a": "b"})})
		if err != nil {
			return // a fault
		}
		for _, p := range []payments.UpdateParams{{Capture: payments.CapturePaymentCardNumber}, {Capture: payments.CaptureExpirationDate}, {Status: payments.StatusComplete}} {
			p.StatusCallback = statusURL
			if _, err := client.Update(t.Context(), call, s.SID, p); err != nil {
				t.Fatal(err)
			}
			if err := srv.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	const first, second = "CA00000000000000000000000000000001", "CA00000000000000000000000000000002"
	for name, tt := range map[string]struct {
		opts  []paymentstest.Option
		calls []string
		want  string
	}{
		"nothing":        {nil, nil, "no payment was started on the call"},
		"two calls":      {nil, []string{first, second}, "the entries belong to several calls: pass those of one call"},
		"forgotten":      {[]paymentstest.Option{paymentstest.WithHistoryBytes(20_000)}, []string{first, first, first}, "the entries do not start with the first request of the call"},
		"another status": {[]paymentstest.Option{paymentstest.WithFaults(paymentstest.On(paymentstest.Create, 1, paymentstest.Refuse(418, 7, "")))}, []string{first}, `a scenario file cannot express the fault "418" of a request`},
		"another result": {[]paymentstest.Option{paymentstest.WithGateway(func(paymentstest.Payment) paymentstest.Verdict {
			return paymentstest.Verdict{Result: "validation-error"}
		})}, []string{first}, "a scenario file cannot express the gateway's result validation-error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := paymentstest.NewServer(t, append(tt.opts, paymentstest.WithCaller(paymentstest.VisaCaller()))...)
			for _, call := range tt.calls {
				pay(t, srv, call)
			}
			if _, err := scenario.FromJournal(srv.Entries(0, all)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// TestSavedByHand: saved actions of people that no shipped scenario has.
func TestSavedByHand(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		file object
		want object // fields of what is saved
	}{
		"* and hanging up between prompts": {
			object{"steps": []string{"create", "star", "create", "hang-up", "hang-up"}},
			object{"steps": []any{"create", "star", "create", "hang-up"}},
		},
		"a prompt that is left open": {
			object{"steps": []string{"create", "capture payment-card-number"}, "caller": object{"payment-card-number": "nothing"}},
			object{"caller": object{"payment-card-number": "nothing"}, "patience": "1s", "steps": []any{"create", "capture payment-card-number"}},
		},
		"a confirmation that is left open": {
			object{"payment": object{"Confirmation": "true", "PostalCode": false}, "caller": object{"confirmation": "nothing"}},
			object{"caller": object{"confirmation": "nothing", "payment-card-number": "visa"}, "patience": "1s"},
		},
		"an entry that is abandoned": {
			object{"steps": []string{"create", "capture payment-card-number", "capture expiration-date", "cancel"}, "patience": "2s", "caller": object{"payment-card-number": "unfinished"}},
			object{"caller": object{"payment-card-number": "nothing"}},
		},
		"a request without effect": {
			object{"steps": []string{"create", "cancel refused 20429", "cancel"}, "faults": object{"requests": []any{object{"operation": "cancel", "fault": "too-many-requests", "times": 4}}}},
			object{"steps": []any{"create", "cancel"}, "faults": nil},
		},
		"faults of complete": {
			object{"payment": object{"PostalCode": false}, "faults": object{"requests": []any{
				object{"operation": "complete", "fault": "too-many-requests"}, object{"operation": "complete", "nth": 2, "fault": "half-body"}}}},
			object{"faults": object{"requests": []any{object{"operation": "complete", "fault": "too-many-requests"}, object{"operation": "complete", "nth": 2.0, "fault": "half-body"}}}},
		},
		"slowness": {
			object{"steps": []string{"create", "cancel"}, "faults": object{"requests": []any{object{"operation": "create", "fault": "slow", "delay": "2s"}}}},
			object{"faults": object{"requests": []any{object{"operation": "create", "fault": "slow", "delay": "2s"}}}},
		},
		"the third callback, twice": {
			object{"steps": []string{"create", "capture expiration-date", "cancel"}, "faults": object{"callbacks": []any{object{"nth": 3, "way": "twice"}}}},
			object{"faults": object{"callbacks": []any{object{"event": "entering", "nth": 2.0, "way": "twice"}}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, parse(t, "file", tt.file), func(t *testing.T, srv *paymentstest.Server, r *scenario.Report) {
				saved := save(t, srv)
				got := read(t, saved)
				for field, want := range tt.want {
					if diff := cmp.Diff(want, got[field]); diff != "" {
						t.Errorf("%s (-want +got):\n%s\n%s", field, diff, strings.Join(r.Steps, "\n"))
					}
				}
				another := paymentstest.NewServer(t, paymentstest.InMemory())
				if r, err := saved.Run(t.Context(), another); err != nil || !r.Passed() {
					t.Errorf("%v %s%s\n%s", err, r, strings.Join(r.Steps, "\n"), saved.Text())
				}
			})
		})
	}
}

// TestSavedInLiveMode: a replay charges a card that is not a test card.
func TestSavedInLiveMode(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sc := parse(t, "file", object{"payment": object{"ChargeAmount": "7", "PostalCode": false}, "caller": object{"payment-card-number": "untested"}})
		srv, another := paymentstest.NewServer(t, paymentstest.InMemory(), paymentstest.LiveMode()), paymentstest.NewServer(t, paymentstest.InMemory())
		if _, err := sc.Run(t.Context(), srv); err != nil {
			t.Fatal(err)
		}
		if r, err := save(t, srv).Run(t.Context(), another); err != nil || !r.Passed() || len(another.Charges()) != 1 {
			t.Errorf("%v %s\nwant a pass with one charge", err, r)
		}
	})
}
