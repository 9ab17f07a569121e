package main

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestMetrics scrapes the metrics of a process after one request to Twilio.
func TestMetrics(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	measured, err := measure(t.Context(), "127.0.0.1:0", &out)
	if err != nil {
		t.Fatal(err)
	}
	srv := paymentstest.NewServer(t)
	client, err := payments.NewClient(append(srv.ClientOptions(), measured.client...)...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Create(t.Context(), srv.NewCall().SID, payments.CreateParams{StatusCallback: "https://pay.example.com/status"}); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(strings.TrimSpace(strings.TrimPrefix(out.String(), "metrics at ")))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if want := `twilio_operation="create",twilio_outcome="success"} 1`; !strings.Contains(string(text), want) {
		t.Errorf("no %s in\n%s", want, text)
	}
	if len(measured.handler) != 1 || len(measured.flow) != 1 {
		t.Error("no options measure callbacks or steps")
	}
	if none, err := measure(t.Context(), "", &out); err != nil || len(none.client)+len(none.handler)+len(none.flow) != 0 {
		t.Errorf("without an address: %+v, %v", none, err)
	}
	if _, err := measure(t.Context(), "nowhere", &out); err == nil || !strings.Contains(err.Error(), "-metrics") {
		t.Errorf("a malformed address: %v", err)
	}
}
