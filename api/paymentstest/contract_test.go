package paymentstest_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/internal/testvectors"
)

func TestRequestsAgainstTheContract(t *testing.T) {
	t.Parallel()
	good := url.Values{"IdempotencyKey": {"key"}, "StatusCallback": {statusURL}}.Encode()
	tests := []struct {
		name         string
		change       func(*raw)
		status, code int
		message      string // of the failed test
	}{
		{"valid", func(*raw) {}, 201, 0, ""},
		{"undeclared key", func(r *raw) { r.body = good + "&Amount=1" }, 400, 64020, "body Amount: is not declared"},
		{"repeated key", func(r *raw) { r.body = good + "&IdempotencyKey=2" }, 400, 64020, "body IdempotencyKey: is repeated"},
		{"number that is none", func(r *raw) { r.body = good + "&ChargeAmount=1,5" }, 400, 64020, "body ChargeAmount: "},
		{"amount too large", func(r *raw) { r.body = good + "&ChargeAmount=1000000" }, 400, 64020, "body ChargeAmount: "},
		{"boolean 1", func(r *raw) { r.body = good + "&PostalCode=1" }, 400, 64020, "body PostalCode: "},
		{"unlisted enum value", func(r *raw) { r.body = good + "&TokenType=lasting" }, 400, 64020, "body TokenType: "},
		{"required key missing", func(r *raw) { r.body = "IdempotencyKey=key" }, 400, 64020, "body StatusCallback: "},
		{"SID of the wrong form", func(r *raw) { r.path = strings.Replace(r.path, "CA0", "CAx", 1) }, 400, 64020, "path CallSid: "},
		{"no such path", func(r *raw) { r.path += "x" }, 404, 20404, "path: is not declared"},
		{"no such method", func(r *raw) { r.method = http.MethodPut }, 405, 20004, "method: "},
		{"JSON", func(r *raw) { r.contentType = "application/json" }, 415, 20415, "Content-Type"},
		{"no credentials", func(r *raw) { r.user = "" }, 401, 20003, "Authorization"},
		{"wrong token is no violation", func(r *raw) { r.password = "wrong" }, 401, 20003, ""},
		{"unknown account is no violation", func(r *raw) { r.path = strings.Replace(r.path, "ACd", "ACe", 1) }, 401, 20003, ""},
	}
	for _, tt := range tests {
		for _, allow := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, allowed %t", tt.name, allow), func(t *testing.T) {
				t.Parallel()
				tb := &fakeTB{TB: t}
				var opts []paymentstest.Option
				if allow {
					opts = append(opts, paymentstest.AllowInvalidRequests())
				}
				srv := paymentstest.NewServer(tb, opts...)
				defer tb.cleanup()
				r := createOn(srv, callSID)
				tt.change(&r)
				resp, body, err := r.send(t, srv)
				if err != nil {
					t.Fatal(err)
				}
				var e struct {
					Code     int
					Message  string
					MoreInfo string `json:"more_info"`
					Status   int
				}
				if err := json.Unmarshal([]byte(body), &e); err != nil {
					t.Fatal(err)
				}
				if resp.StatusCode != tt.status || e.Code != tt.code {
					t.Errorf("status %d with code %d, want %d with %d", resp.StatusCode, e.Code, tt.status, tt.code)
				}
				if tt.code != 0 && (e.Status != tt.status || e.Message == "" || e.MoreInfo != fmt.Sprintf("https://www.twilio.com/docs/errors/%d", tt.code)) {
					t.Errorf("error body %s", body)
				}
				if id := resp.Header.Get("Twilio-Request-Id"); len(id) != 34 || id[:2] != "RQ" {
					t.Errorf("request id %q", id)
				}
				if challenge := resp.Header.Get("Www-Authenticate"); (challenge != "") != (tt.status == 401) {
					t.Errorf("challenge %q with status %d", challenge, tt.status)
				}
				got := srv.Requests()[0]
				if (got.Violation != nil) != (tt.message != "") || got.Committed != (tt.status == 201) {
					t.Errorf("recorded %v: %v", got, got.Violation)
				}
				switch said := strings.Join(tb.errors, "\n"); {
				case (tt.message == "" || allow) != (said == ""):
					t.Errorf("the test failed with %q", said)
				case said != "" && !strings.Contains(said, tt.message):
					t.Errorf("the test failed with %q, want %q", said, tt.message)
				}
			})
		}
	}
}

// TestRequestVectors sends the bytes of recorded requests and compares the verdicts.
func TestRequestVectors(t *testing.T) {
	t.Parallel()
	var wrong []string
	compared := 0
	for _, r := range testvectors.Requests() {
		if r.Says == testvectors.Open {
			continue
		}
		compared++
		srv := paymentstest.NewServer(t, paymentstest.AllowInvalidRequests())
		head := r.Method + " " + r.Target + " HTTP/1.1\r\nConnection: close\r\n"
		for name, value := range r.Headers {
			if name == "Host" {
				value = strings.TrimPrefix(srv.URL, "http://")
			}
			head += name + ": " + value + "\r\n"
		}
		status := exchange(t, srv, []byte(head+"\r\n"), []byte(r.Body))
		accepted := status != http.StatusBadRequest
		if requests := srv.Requests(); len(requests) == 1 {
			accepted = requests[0].Violation == nil
		}
		if accepted != (r.Says == testvectors.Accept) {
			wrong = append(wrong, r.ID)
		}
		srv.Close()
	}
	if compared < 88 {
		t.Errorf("only %d verdicts compared", compared)
	}
	// The overlay adds what the vendor says in prose: 0 <= ChargeAmount < 1,000,000.
	if diff := cmp.Diff([]string{"num:-1", "num:1e6", "num:1e%2B06"}, wrong); diff != "" {
		t.Errorf("verdicts that differ (-want +got):\n%s", diff)
	}
}

// exchange sends bytes and returns the status of the response.
func exchange(t *testing.T, srv *paymentstest.Server, head, body []byte) int {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = conn.Write(append(head, body...))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}
