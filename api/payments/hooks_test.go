package payments_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/generated/contract"
)

type hookKey struct{}

// TestHooks observes a create that is retried once, and one that fails before
// sending.
func TestHooks(t *testing.T) {
	t.Parallel()
	s := newServer(t, respond(http.StatusServiceUnavailable, "", "Twilio-Request-Id", "RQ1", "Retry-After", "0"), created)
	var op payments.Operation
	var outcomes []payments.Outcome
	var attempts []payments.AttemptOutcome
	hooks := payments.Hooks{
		Operation: func(ctx context.Context, o payments.Operation) (context.Context, func(payments.Outcome)) {
			op = o
			return context.WithValue(ctx, hookKey{}, "operation"), func(o payments.Outcome) { outcomes = append(outcomes, o) }
		},
		Attempt: func(ctx context.Context, o payments.Operation, number int) (context.Context, func(payments.AttemptOutcome)) {
			if ctx.Value(hookKey{}) != "operation" || !cmp.Equal(o, op) || number != len(attempts)+1 {
				t.Errorf("attempt %d of %+v", number, o)
			}
			return ctx, func(o payments.AttemptOutcome) { attempts = append(attempts, o) }
		},
	}
	c := newClient(t, s.URL, payments.WithHooks(hooks))
	session, err := c.Create(t.Context(), callSID, payments.CreateParams{StatusCallback: callback})
	if err != nil {
		t.Fatal(err)
	}
	want := payments.Operation{Name: "create", AccountSID: accountSID, CallSID: callSID, StatusCallback: wire.Hide(callback), Server: s.URL,
		Template: "/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Payments.json"}
	if diff := cmp.Diff(want, op); diff != "" {
		t.Error(diff)
	}
	if len(attempts) != 2 || attempts[0].Status != 503 || attempts[0].RequestID != "RQ1" || attempts[1].Status != 201 {
		t.Errorf("attempts %+v", attempts)
	}
	if len(outcomes) != 1 || outcomes[0].Session != session || outcomes[0].Err != nil || outcomes[0].Attempts != 2 || outcomes[0].Status != 201 {
		t.Errorf("outcomes %+v", outcomes)
	}
	_, err = c.Update(t.Context(), callSID, paymentSID, payments.UpdateParams{StatusCallback: callback, Capture: "x"})
	if len(attempts) != 2 || len(outcomes) != 2 || !errors.Is(outcomes[1].Err, payments.ErrInvalidParams) || !errors.Is(err, payments.ErrInvalidParams) || outcomes[1].Attempts != 0 {
		t.Errorf("a call that sends nothing: %+v, %v, want payments.ErrInvalidParams", outcomes, err)
	}
	if op.SID != paymentSID || op.Capture != "x" || !strings.Contains(op.Template, "{Sid}") {
		t.Errorf("operation %+v", op)
	}
}

// TestNothingPrintsWhatHooksGet: hooks are where people log.
func TestNothingPrintsWhatHooksGet(t *testing.T) {
	t.Parallel()
	got := map[string]any{}
	c := newClient(t, newServer(t, respond(400, `{"code":64020,"message":"marked-auth-token"}`, "Twilio-Request-Id", authToken)).URL, payments.WithHooks(payments.Hooks{
		Operation: func(ctx context.Context, op payments.Operation) (context.Context, func(payments.Outcome)) {
			got["operation"], got["operation in a struct"] = op, struct{ op payments.Operation }{op}
			return ctx, func(o payments.Outcome) { got["outcome"] = o }
		},
		Attempt: func(ctx context.Context, _ payments.Operation, _ int) (context.Context, func(payments.AttemptOutcome)) {
			return ctx, func(o payments.AttemptOutcome) { got["attempt"] = o }
		},
	}))
	for name, call := range operations {
		if _, err := call(t.Context(), c); err == nil || len(got) != 4 {
			t.Fatalf("%v, hooks got %v, want an error, 4 of them", err, got)
		}
		for what, v := range got {
			for how, text := range printed(v) {
				if leaks(text) {
					t.Errorf("%s: %s by %s prints a secret: %s", name, what, how, text)
				}
			}
		}
	}
}

// TestHooksMayReturnNothing: hooks, and the functions they return, may be nil.
func TestHooksMayReturnNothing(t *testing.T) {
	t.Parallel()
	s := newServer(t, created)
	hooks := payments.Hooks{
		Operation: func(ctx context.Context, _ payments.Operation) (context.Context, func(payments.Outcome)) {
			return ctx, nil
		},
		Attempt: func(ctx context.Context, _ payments.Operation, _ int) (context.Context, func(payments.AttemptOutcome)) {
			return ctx, nil
		},
	}
	if _, err := newClient(t, s.URL).Create(t.Context(), callSID, payments.CreateParams{StatusCallback: callback}, payments.WithHooks(hooks)); err != nil {
		t.Error(err)
	}
}

// TestHooksAfterAPanic of the transport: they get an error and not silence, so that a
// complete which may have been sent is counted as one of unknown outcome.
func TestHooksAfterAPanic(t *testing.T) {
	t.Parallel()
	var outcomes []payments.Outcome
	var attempts []payments.AttemptOutcome
	hooks := payments.WithHooks(payments.Hooks{
		Operation: func(ctx context.Context, _ payments.Operation) (context.Context, func(payments.Outcome)) {
			return ctx, func(o payments.Outcome) { outcomes = append(outcomes, o) }
		},
		Attempt: func(ctx context.Context, _ payments.Operation, _ int) (context.Context, func(payments.AttemptOutcome)) {
			return ctx, func(o payments.AttemptOutcome) { attempts = append(attempts, o) }
		},
	})
	client := newClient(t, "https://api.example.com", hooks, payments.WithHTTPClient(&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		panic("marked-panic")
	})}))
	var panicked any
	func() {
		defer func() { panicked = recover() }()
		_, _ = operations["complete"](t.Context(), client)
	}()
	if panicked != "marked-panic" {
		t.Errorf("panic %v, want the transport's", panicked)
	}
	if len(attempts) != 1 || attempts[0].Err == nil {
		t.Errorf("attempts %v, want a failed one", attempts)
	}
	if len(outcomes) != 1 || outcomes[0].Err == nil || !outcomes[0].Err.OutcomeUnknown() || outcomes[0].Err.IdempotencyKey == "" || outcomes[0].Attempts != 1 {
		t.Errorf("outcomes %v, want an unknown one", outcomes)
	}
}

// TestTemplatesMatchTheContract compares Operation.Template with the contract's paths.
func TestTemplatesMatchTheContract(t *testing.T) {
	t.Parallel()
	var doc struct{ Paths map[string]any }
	if err := json.Unmarshal(contract.JSON(), &doc); err != nil {
		t.Fatal(err)
	}
	s := newServer(t, success)
	seen := map[string]any{}
	c := newClient(t, s.URL, payments.WithHooks(payments.Hooks{Operation: func(ctx context.Context, o payments.Operation) (context.Context, func(payments.Outcome)) {
		seen[o.Template] = true
		return ctx, nil
	}}))
	for _, call := range operations {
		if _, err := call(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	for path := range doc.Paths {
		if seen[path] == nil {
			t.Errorf("%s is only in the contract", path)
		}
	}
	if len(seen) != len(doc.Paths) {
		t.Errorf("templates %v", seen)
	}
}
