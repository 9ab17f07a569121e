package payments_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// logged runs one capture that is first rate limited and then refused, and returns
// the log records.
func logged(t *testing.T, level slog.Level) []map[string]any {
	t.Helper()
	var log bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		attempt := 0
		transport := roundTrip(func(*http.Request) (*http.Response, error) {
			attempt++
			time.Sleep(time.Duration(attempt) * time.Second)
			if attempt == 1 {
				return response(429, `{"code":20429,"message":"slow down"}`, "Retry-After", "4", "Twilio-Request-Id", "RQ1"), nil
			}
			return response(400, `{"code":64020,"message":"wrong"}`, "Twilio-Request-Id", "RQ2"), nil
		})
		client := newClient(t, "https://api.example.com", payments.WithHTTPClient(&http.Client{Transport: transport}),
			payments.WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: level}))))
		_, err := operations["capture"](t.Context(), client)
		failure(t, err)
	})
	var records []map[string]any
	for line := range strings.Lines(log.String()) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		delete(record, "time")
		records = append(records, record)
	}
	return records
}

func TestLog(t *testing.T) {
	t.Parallel()
	second := float64(time.Second)
	sids := map[string]any{"operation": "capture", "account_sid": accountSID, "call_sid": callSID, "payment_sid": paymentSID}
	with := func(fields map[string]any) map[string]any {
		for name, value := range sids {
			fields[name] = value
		}
		return fields
	}
	want := []map[string]any{
		with(map[string]any{"level": "DEBUG", "msg": "twilio payments attempt", "attempt": 1.0, "status": 429.0, "code": 20429.0, "request_id": "RQ1", "duration": second, "delay": 4 * second}),
		with(map[string]any{"level": "DEBUG", "msg": "twilio payments attempt", "attempt": 2.0, "status": 400.0, "code": 64020.0, "request_id": "RQ2", "duration": 2 * second, "delay": 0.0}),
		with(map[string]any{"level": "WARN", "msg": "twilio payments failed", "attempt": 2.0, "status": 400.0, "code": 64020.0, "request_id": "RQ2", "duration": 7 * second}),
	}
	if diff := cmp.Diff(want, logged(t, slog.LevelDebug)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want[2:], logged(t, slog.LevelInfo)); diff != "" {
		t.Error(diff)
	}
	if got := logged(t, slog.LevelError); len(got) != 0 {
		t.Errorf("logged %v, want none", got)
	}
}

// A new log field has to be added to this list and to the documentation.
func TestLogFieldsAreAllowed(t *testing.T) {
	t.Parallel()
	allowed := []string{"level", "msg", "operation", "account_sid", "call_sid", "payment_sid", "attempt", "status", "code", "request_id", "duration", "delay"}
	for _, record := range logged(t, slog.LevelDebug) {
		for field := range record {
			if !slices.Contains(allowed, field) {
				t.Errorf("field %s is logged", field)
			}
		}
	}
}

func TestResponseInfo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		attempt := 0
		client := newClient(t, "https://api.example.com", payments.WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			attempt++
			time.Sleep(time.Second)
			if attempt == 1 {
				return response(503, "", "Retry-After", "2", "Twilio-Request-Id", "RQ1"), nil
			}
			return response(201, sessionJSON, "Twilio-Request-Id", "RQ2", "X-Home-Region", "us1"), nil
		})}))
		info := payments.ResponseInfo{Status: 999, Attempts: make([]payments.Attempt, 7)}
		if _, err := client.Create(t.Context(), callSID, payments.CreateParams{IdempotencyKey: "k", StatusCallback: callback}, payments.WithResponseInfo(&info)); err != nil {
			t.Fatal(err)
		}
		want := payments.ResponseInfo{
			Status: 201, RequestID: "RQ2", IdempotencyKey: "k", Header: response(0, "", "Twilio-Request-Id", "RQ2", "X-Home-Region", "us1").Header,
			Attempts: []payments.Attempt{{Status: 503, Duration: time.Second, Delay: 2 * time.Second}, {Status: 201, Duration: time.Second}},
		}
		if diff := cmp.Diff(want, info, cmpopts.IgnoreUnexported(payments.ResponseInfo{})); diff != "" {
			t.Error(diff)
		}
	})
}

func TestResponseInfoOnFailure(t *testing.T) {
	t.Parallel()
	var info payments.ResponseInfo
	_, err := operations["complete"](context.Background(), once(t, respond(404, `{"code":20404}`, "Twilio-Request-Id", "RQ3")), payments.WithResponseInfo(&info))
	if e := failure(t, err); info.Status != 404 || info.RequestID != "RQ3" || info.IdempotencyKey != e.IdempotencyKey || len(info.Attempts) != 1 || info.Header == nil {
		t.Errorf("got %+v", info)
	}
	_, err = newClient(t, "https://api.example.com").Create(context.Background(), "..", payments.CreateParams{}, payments.WithResponseInfo(&info))
	e := failure(t, err)
	if info.Status != 0 || info.IdempotencyKey != e.IdempotencyKey || len(info.Attempts) != 0 || info.Header != nil {
		t.Errorf("after a call that was not sent: %+v", info)
	}
	info = payments.ResponseInfo{Status: 999, RequestID: "old"}
	_, err = operations["create"](context.Background(), newClient(t, "https://api.example.com"), payments.WithMaxRetries(-1), payments.WithResponseInfo(&info))
	if e := failure(t, err); info.Status != 0 || info.RequestID != "" || info.IdempotencyKey != e.IdempotencyKey {
		t.Errorf("after a call with an invalid option: %+v", info)
	}
}

// A logged error says whether the outcome is unknown: the person on call needs it
// after a complete whose response was lost.
func TestLoggedErrorHasTheOutcome(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		step    http.HandlerFunc
		unknown bool
	}{
		"lost":    {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, true},
		"refused": {respond(400, `{"code":64019}`), false},
	} {
		_, err := operations["complete"](context.Background(), once(t, tt.step))
		e := failure(t, err)
		for _, v := range []any{e, *e} {
			var log bytes.Buffer
			slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "err", v)
			var record struct {
				Err map[string]any
			}
			if err := json.Unmarshal(log.Bytes(), &record); err != nil {
				t.Fatal(err)
			}
			if record.Err["outcome_unknown"] != tt.unknown || record.Err["operation"] != "complete" || record.Err["idempotency_key"] != e.IdempotencyKey {
				t.Errorf("%s: logged as %s", name, log.Bytes())
			}
		}
	}
}
