package payments_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// once returns a client that makes one attempt.
func once(t *testing.T, step http.HandlerFunc) *payments.Client {
	t.Helper()
	return newClient(t, newServer(t, step).URL, payments.WithMaxRetries(0))
}

func failure(t *testing.T, err error) *payments.Error {
	t.Helper()
	var e *payments.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is not a *payments.Error", err)
	}
	return e
}

func TestTwilioError(t *testing.T) {
	t.Parallel()
	_, err := operations["capture"](context.Background(), once(t, respond(400,
		`{"code":64020,"message":"Invalid parameter value","more_info":"https://www.twilio.com/docs/errors/64020","status":400,"details":{"field":"Capture"}}`,
		"Twilio-Request-Id", "RQ1")))
	e := failure(t, err)
	if len(e.IdempotencyKey) != 26 {
		t.Errorf("key %q, want 26 characters", e.IdempotencyKey)
	}
	type facts struct {
		Op, Message, MoreInfo, RequestID, Field string
		Status, Code, Attempts                  int
		Unknown                                 bool
	}
	got := facts{e.Op, e.Message, e.MoreInfo, e.RequestID, fmt.Sprint(e.Details["field"]), e.Status, e.Code, e.Attempts, e.OutcomeUnknown()}
	want := facts{"capture", "Invalid parameter value", "https://www.twilio.com/docs/errors/64020", "RQ1", "Capture", 400, 64020, 1, false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if want := "payments: capture: 400: code 64020: Invalid parameter value (request RQ1)"; err.Error() != want {
		t.Errorf("prints %q, want %q", err, want)
	}
}

func TestErrorMeanings(t *testing.T) {
	t.Parallel()
	sentinels := map[string]error{
		"authentication": payments.ErrAuthentication, "permission": payments.ErrPermission, "not found": payments.ErrNotFound,
		"rate": payments.ErrRateLimited, "params": payments.ErrInvalidParams, "server": payments.ErrServer,
		"in progress": payments.ErrSessionInProgress, "incomplete": payments.ErrIncomplete, "declined": payments.ErrDeclined,
	}
	for _, tt := range []struct {
		status, code int
		want         string
	}{
		{401, 20003, "authentication"}, {403, 20403, "permission"}, {404, 20404, "not found"}, {429, 20429, "rate"},
		{400, 0, "params"}, {400, 21609, "params"}, {422, 20422, "params"}, {500, 20500, "server"}, {503, 0, "server"},
		{400, payments.CodeInvalidOperation, "in progress"}, {409, payments.CodeInvalidOperation, "in progress"},
		{400, payments.CodeIncomplete, "incomplete"}, {400, payments.CodeChargeRejected, "declined"},
		{400, payments.CodeTokenRejected, "declined"}, {400, payments.CodeCardRejected, "declined"},
		{400, payments.CodeServiceUnavailable, "server"}, {400, payments.CodeConfiguration, ""}, {400, payments.CodeConnectorNotApproved, ""},
		{400, payments.CodeInvalidChargeAmount, "params"}, {400, payments.CodeInvalidParameterValue, "params"},
		{400, payments.CodeMissingAVSName, "params"}, {400, payments.CodeBankAccountTypeWithCard, "params"},
		{400, payments.CodeCaptureOrStatusNeeded, "params"}, {409, 20409, ""}, {418, 0, ""},
	} {
		_, err := operations["cancel"](context.Background(), once(t, respond(tt.status, fmt.Sprintf(`{"code":%d,"message":"m","status":%d}`, tt.code, tt.status))))
		if e := failure(t, err); e.Status != tt.status || e.Code != tt.code {
			t.Errorf("%d/%d came as %d/%d", tt.status, tt.code, e.Status, e.Code)
		}
		for name, sentinel := range sentinels {
			if got := errors.Is(err, sentinel); got != (name == tt.want) {
				t.Errorf("%d/%d means %s: %v", tt.status, tt.code, name, got)
			}
		}
	}
}

// Whatever a response looks like, the result is a session with a SID or one error.
func TestUnexpectedResponses(t *testing.T) {
	t.Parallel()
	huge := `{"sid":"` + paymentSID + `","uri":"` + strings.Repeat("x", 1<<20) + `"}`
	for name, tt := range map[string]struct {
		step    http.HandlerFunc
		sid     bool
		status  int
		unknown bool
		message string
	}{
		"HTML 502":                  {respond(502, "<html>marked</html>", "Content-Type", "text/html"), false, 502, true, "Bad Gateway"},
		"empty 500":                 {respond(500, ""), false, 500, true, "Internal Server Error"},
		"empty 400":                 {respond(400, ""), false, 400, false, "Bad Request"},
		"array 404":                 {respond(404, "[1]"), false, 404, false, "Not Found"},
		"truncated JSON 400":        {respond(400, `{"code":64020,"mess`), false, 400, false, "Bad Request"},
		"code of another type":      {respond(400, `{"code":{},"message":"m"}`), false, 400, false, "m"},
		"nulls 400":                 {respond(400, `{"code":null,"message":null,"details":null}`), false, 400, false, "Bad Request"},
		"problem+json":              {respond(403, `{"title":"Forbidden thing","detail":"d","status":403}`, "Content-Type", "application/problem+json"), false, 403, false, "Forbidden thing"},
		"only detail":               {respond(401, `{"detail":"Authenticate"}`), false, 401, false, "Authenticate"},
		"408":                       {respond(408, ""), false, 408, true, "Request Timeout"},
		"200 instead of 201":        {respond(200, sessionJSON), true, 0, false, ""},
		"202 instead of 201":        {respond(202, sessionJSON), true, 0, false, ""},
		"200 without a session":     {respond(200, `{"status":"queued"}`), false, 200, true, "OK"},
		"204":                       {respond(204, ""), false, 204, true, "No Content"},
		"307":                       {respond(307, "", "Location", "/x"), false, 307, true, "Temporary Redirect"},
		"201 with null":             {respond(201, "null"), false, 201, true, "Created"},
		"201 with {}":               {respond(201, "{}"), false, 201, true, "Created"},
		"201 without sid":           {respond(201, `{"call_sid":"`+callSID+`"}`), false, 201, true, "Created"},
		"201 with null sid":         {respond(201, `{"sid":null}`), false, 201, true, "Created"},
		"201 with a call's sid":     {respond(201, `{"sid":"`+callSID+`"}`), false, 201, true, "Created"},
		"201 with sid ..":           {respond(201, `{"sid":".."}`), false, 201, true, "Created"},
		"201 array":                 {respond(201, "["+sessionJSON+"]"), false, 201, true, "Created"},
		"201 string":                {respond(201, `"hi"`), false, 201, true, "Created"},
		"201 empty":                 {respond(201, ""), false, 201, true, "Created"},
		"201 truncated JSON":        {respond(201, sessionJSON[:len(sessionJSON)-1]), false, 201, true, "Created"},
		"201 with trailing bytes":   {respond(201, sessionJSON+"{}"), false, 201, true, "Created"},
		"201 HTML":                  {respond(201, "<html>marked</html>"), false, 201, true, "Created"},
		"201 too long":              {respond(201, huge), false, 201, true, "Created"},
		"201 with a BOM":            {respond(201, "\ufeff"+sessionJSON), true, 0, false, ""},
		"201 as text/plain":         {respond(201, sessionJSON, "Content-Type", "text/plain"), true, 0, false, ""},
		"201 with nulls":            {respond(201, `{"sid":"`+paymentSID+`","uri":null,"date_created":null,"account_sid":null}`), true, 0, false, ""},
		"201 with invalid dates":    {respond(201, `{"sid":"`+paymentSID+`","date_created":"yesterday","date_updated":7}`), true, 0, false, ""},
		"201 with a number for uri": {respond(201, `{"uri":7,"sid":"`+paymentSID+`"}`), true, 0, false, ""},
		"201 with more fields":      {respond(201, `{"new":{"a":[1]},"sid":"`+paymentSID+`"}`), true, 0, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			session, err := operations["create"](context.Background(), once(t, tt.step))
			if tt.sid {
				if err != nil || session.SID != paymentSID || session.CallSID != callSID || session.AccountSID != accountSID {
					t.Fatalf("got %+v, %v", session, err)
				}
				return
			}
			if session != nil {
				t.Errorf("an error came with a session %+v", session)
			}
			e := failure(t, err)
			if e.Status != tt.status || e.OutcomeUnknown() != tt.unknown || e.Message != tt.message || e.IdempotencyKey == "" || e.Attempts != 1 {
				t.Errorf("got %d (want %d) %q (want %q) unknown %v (want %v) attempts %d, want 1: %v", e.Status, tt.status, e.Message, tt.message, e.OutcomeUnknown(), tt.unknown, e.Attempts, err)
			}
			if strings.Contains(err.Error(), "marked") || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error prints the body: %v", err)
			}
		})
	}
}

// Twilio's code is found in every spelling.
func TestErrorCodeSpellings(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"code":"64021"}`, `{"code":64021.0}`, "\ufeff" + `{"code":64021}`, `{"code":64021} trailing`, `{"message":7,"code":64021}`, `{"Code":64021}`} {
		_, err := operations["create"](context.Background(), once(t, respond(400, body)))
		if e := failure(t, err); e.Code != 64021 || !errors.Is(err, payments.ErrSessionInProgress) {
			t.Errorf("%s: code %d, want 64021", body, e.Code)
		}
	}
}

// An error is one line of bounded length, whatever text it holds.
func TestErrorIsOneLine(t *testing.T) {
	t.Parallel()
	message, _ := json.Marshal("a\nb\r\x1b[31m\x00\u202e" + strings.Repeat("é", 500_000))
	_, err := newClient(t, newServer(t, respond(503, `{"message":`+string(message)+`}`, "Twilio-Request-Id", strings.Repeat("R", 9000))).URL, payments.WithMaxRetries(0)).
		Create(context.Background(), callSID, payments.CreateParams{IdempotencyKey: "k\nlevel=ERROR", StatusCallback: callback})
	text := err.Error()
	if len(text) > 1200 || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) || !utf8.ValidString(text) {
		t.Errorf("%d bytes: %q", len(text), text[:min(len(text), 300)])
	}
	if e := failure(t, err); len(e.Message) < 1_000_000 || e.IdempotencyKey != "k\nlevel=ERROR" {
		t.Error("the fields do not have the full text")
	}
}

// A cancelled context is reported as such; its cause is not part of the call's error.
func TestCancelledWithCause(t *testing.T) {
	t.Parallel()
	for _, cause := range []error{payments.ErrSessionInProgress, &net.OpError{Op: "dial", Err: errors.New("database")}, errors.New("marked")} {
		ctx, cancel := context.WithCancelCause(context.Background())
		client := newClient(t, newServer(t, func(_ http.ResponseWriter, r *http.Request) {
			cancel(cause)
			<-r.Context().Done()
		}).URL)
		_, err := operations["complete"](ctx, client)
		e := failure(t, err)
		if !errors.Is(err, context.Canceled) || errors.Is(err, payments.ErrSessionInProgress) || errors.Is(err, cause) || !e.OutcomeUnknown() || e.Attempts != 1 {
			t.Errorf("cause %v: %v, want context.Canceled", cause, err)
		}
		cancel(nil)
	}
}

func TestSessionSIDInAnotherCase(t *testing.T) {
	t.Parallel()
	upper := "PK" + strings.ToUpper(paymentSID[2:])
	session, err := newClient(t, newServer(t, accepted).URL).Update(context.Background(), callSID, upper, payments.UpdateParams{StatusCallback: callback, Status: payments.StatusCancel})
	if err != nil || session.SID != paymentSID {
		t.Errorf("got %v, %v", session, err)
	}
}

// Misuse is an error, not a panic.
func TestMisuse(t *testing.T) {
	t.Parallel()
	var none *payments.Client
	for name, client := range map[string]*payments.Client{"nil": none, "empty": {}} {
		_, err := operations["create"](context.Background(), client, payments.WithCredentials(accountSID, authToken), payments.WithBaseURL("http://127.0.0.1:1"))
		if failure(t, err); !strings.Contains(err.Error(), "NewClient") {
			t.Errorf("%s: %v, want an error that names NewClient", name, err)
		}
	}
	_, err := operations["create"](nil, newClient(t, newServer(t, success).URL)) //nolint:staticcheck // the misuse is the test
	if failure(t, err); !strings.Contains(err.Error(), "context") {
		t.Errorf("nil context: %v", err)
	}
}

func TestUpdateForAnotherSession(t *testing.T) {
	t.Parallel()
	other := strings.ReplaceAll(sessionJSON, paymentSID, "PK"+strings.Repeat("9", 32))
	_, err := operations["capture"](context.Background(), once(t, respond(202, other)))
	if e := failure(t, err); !e.OutcomeUnknown() || !strings.Contains(err.Error(), "another session") {
		t.Errorf("got %v", err)
	}
}

func TestTransportErrors(t *testing.T) {
	t.Parallel()
	s := newServer(t, success)
	s.Close()
	_, err := operations["complete"](context.Background(), newClient(t, s.URL, payments.WithMaxRetries(0)))
	e := failure(t, err)
	if e.Status != 0 || e.OutcomeUnknown() || e.Attempts != 1 || e.IdempotencyKey == "" || !strings.Contains(err.Error(), "refused") {
		t.Errorf("connection refused: %v", err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = operations["complete"](cancelled, newClient(t, newServer(t, success).URL))
	if e := failure(t, err); !errors.Is(err, context.Canceled) || e.Attempts != 0 || e.OutcomeUnknown() || e.IdempotencyKey == "" {
		t.Errorf("cancelled before: %v, want context.Canceled", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, err = operations["create"](ctx, newClient(t, newServer(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}).URL))
	if e := failure(t, err); !errors.Is(err, context.Canceled) || e.Attempts != 1 || !e.OutcomeUnknown() {
		t.Errorf("cancelled after sending: %v, want context.Canceled", err)
	}
}

func TestErrorAsJSON(t *testing.T) {
	t.Parallel()
	_, err := operations["create"](context.Background(), once(t, respond(503, `{"code":20503,"message":"later"}`, "Twilio-Request-Id", "RQ2")))
	e := failure(t, err)
	text, marshalErr := json.Marshal(e)
	want := `{"op":"create","status":503,"code":20503,"message":"later","request_id":"RQ2","idempotency_key":"` + e.IdempotencyKey + `","attempts":1,"outcome_unknown":true}`
	if marshalErr != nil || string(text) != want {
		t.Errorf("marshals as %s, %v, want %s", text, marshalErr, want)
	}
}
