package paymentstest_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestBooleansOfReleasedSDKs sends the forms of new and old official SDKs to a strict
// server and to one that allows capital booleans.
func TestBooleansOfReleasedSDKs(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/sdk_booleans.json")
	if err != nil {
		t.Fatal(err)
	}
	var forms []struct {
		Client, Body string
		Capital      []string // fields, in the order they are sent
		Required     string   // as the callback lists it
		Invalid      bool     // for both servers
	}
	if err := json.Unmarshal(data, &forms); err != nil {
		t.Fatal(err)
	}
	for _, f := range forms {
		for _, lenient := range []bool{false, true} {
			var logged bytes.Buffer
			opts := []paymentstest.Option{paymentstest.AllowInvalidRequests(), paymentstest.WithLogger(slog.New(slog.NewTextHandler(&logged, nil)))}
			if lenient {
				opts = append(opts, paymentstest.AllowCapitalBooleans())
			}
			srv := paymentstest.NewServer(t, opts...)
			r := createOn(srv, callSID)
			r.body = f.Body
			resp, body, err := r.send(t, srv)
			if err != nil {
				t.Fatal(err)
			}
			taken := !f.Invalid && (lenient || len(f.Capital) == 0)
			if taken != (resp.StatusCode == 201) {
				t.Errorf("%s, lenient %t: status %d: %s", f.Client, lenient, resp.StatusCode, body)
				continue
			}
			if taken {
				if got := requiredNow(t, srv); got != f.Required {
					t.Errorf("%s: required %q, want %q", f.Client, got, f.Required)
				}
				if got := srv.Requests()[0].Body; got != f.Body {
					t.Errorf("%s: recorded %q, want %q", f.Client, got, f.Body)
				}
			}
			srv.Close()
			want := lenient && len(f.Capital) > 0
			if warned := strings.Contains(logged.String(), `level=WARN msg="boolean not as declared"`); warned != want {
				t.Errorf("%s, lenient %t: warned %t, want %t", f.Client, lenient, warned, want)
			}
			if want && !strings.Contains(logged.String(), strings.Join(f.Capital, " ")) {
				t.Errorf("%s: the log does not name the fields: %s", f.Client, &logged)
			}
		}
	}
}

// requiredNow is what a session on callSID lists when a capture starts.
func requiredNow(t *testing.T, srv *paymentstest.Server) string {
	t.Helper()
	sid := srv.Requests()[0].SID
	_, err := newClient(t, srv).Update(t.Context(), callSID, sid, payments.UpdateParams{StatusCallback: statusURL, Capture: payments.CapturePaymentCardNumber})
	if err != nil {
		t.Fatal(err)
	}
	c := srv.Callbacks()
	return c[len(c)-1].Event.Raw().Get("Required")
}
