package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// shop is a simulated Twilio and two desks that share a bus.
type shop struct {
	t      *testing.T
	twilio *paymentstest.Server
	desks  [2]*httptest.Server
}

func openShop(t *testing.T, opts ...paymentstest.Option) *shop {
	t.Helper()
	s := &shop{t: t, twilio: paymentstest.NewServer(t, opts...)}
	bus, err := flow.NewMemory()
	must(t, err)
	t.Cleanup(func() { _ = bus.Close() })
	handler, err := flow.Handler(bus, callback.WithAuthTokens(s.twilio.AuthToken()), callback.WithHosts("pay.example.com"))
	must(t, err)
	must(t, s.twilio.Handle("https://pay.example.com/", handler))
	client, err := payments.NewClient(s.twilio.ClientOptions()...)
	must(t, err)
	for i := range s.desks {
		s.desks[i] = httptest.NewServer(newDesk(client, bus, "https://pay.example.com/status"))
		t.Cleanup(s.desks[i].Close)
	}
	return s
}

// post posts to a desk and returns status and body of the response.
func (s *shop) post(desk int, path string, form url.Values) (int, map[string]any) {
	s.t.Helper()
	resp, err := http.PostForm(s.desks[desk].URL+path, form)
	must(s.t, err)
	defer func() { _ = resp.Body.Close() }()
	var body map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil && !errors.Is(err, io.EOF) {
		s.t.Fatal(err)
	}
	return resp.StatusCode, body
}

// start starts a session and returns the path of its steps.
func (s *shop) start(call string) string {
	s.t.Helper()
	status, body := s.post(0, "/calls/"+call+"/payments", url.Values{"amount": {"49.90"}})
	if status != http.StatusCreated {
		s.t.Fatalf("start: %d %v", status, body)
	}
	return "/calls/" + call + "/payments/" + body["account"].(string) + "/" + body["session"].(string) + "/"
}

func TestStepsOnTwoDesks(t *testing.T) {
	t.Parallel()
	s := openShop(t, paymentstest.WithCaller(func(c *paymentstest.Call, p paymentstest.Prompt) {
		if p.Capture == payments.CapturePaymentCardNumber && p.Times == 1 {
			_ = c.Enter("4111 1111 1111 1112")
			return
		}
		paymentstest.VisaCaller()(c, p)
	}))
	session := s.start(s.twilio.NewCall().SID)
	for i, step := range []struct {
		desk   int
		path   string
		status int
		key    string
		want   any
	}{
		{1, "complete", http.StatusConflict, "error", nil}, // nothing is captured
		{0, "capture/payment-card-number", http.StatusUnprocessableEntity, "again", true},
		{1, "capture/payment-card-number", http.StatusOK, "entered", "xxxxxxxxxxxx1111"},
		{0, "capture/shoe-size", http.StatusBadRequest, "error", nil},
		{0, "capture/expiration-date", http.StatusOK, "entered", "1299"},
		{1, "capture/security-code", http.StatusOK, "ready", true},
		{0, "complete", http.StatusOK, "confirmation", nil},
		{1, "capture/security-code", http.StatusGone, "error", nil},
		{0, "cancel", http.StatusGone, "error", nil},
	} {
		status, body := s.post(step.desk, session+step.path, nil)
		for step.status == http.StatusGone && status == http.StatusConflict { // this desk has not received the end yet
			status, body = s.post(step.desk, session+step.path, nil)
		}
		if status != step.status || body[step.key] == nil || step.want != nil && body[step.key] != step.want {
			t.Errorf("step %d, %s: %d (want %d) %v", i, step.path, status, step.status, body)
		}
	}
	if n := len(s.twilio.Charges()); n != 1 {
		t.Errorf("%d charges, want 1", n)
	}
}

func TestConcurrentSteps(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	call := s.twilio.NewCall()
	session := s.start(call.SID)
	waiting := make(chan int, 1)
	go func() {
		status, _ := s.post(0, session+"capture/payment-card-number", nil)
		waiting <- status
	}()
	must(t, call.Await(t.Context(), payments.CapturePaymentCardNumber))
	for desk := range s.desks {
		if status, _ := s.post(desk, session+"capture/expiration-date", nil); status != http.StatusConflict {
			t.Errorf("desk %d: %d, want 409", desk, status)
		}
	}
	if status, body := s.post(1, session+"cancel", nil); status != http.StatusOK {
		t.Errorf("cancel: %d (want %d) %v", status, http.StatusOK, body)
	}
	if status := <-waiting; status != http.StatusGone {
		t.Errorf("the capture that waited: %d, want 410", status)
	}
}

func TestDecline(t *testing.T) {
	t.Parallel()
	s := openShop(t, paymentstest.WithCaller(paymentstest.VisaCaller()))
	session := s.start(s.twilio.NewCall().SID)
	for _, field := range []string{"payment-card-number", "expiration-date", "security-code"} {
		s.post(0, session+"capture/"+field, nil)
	}
	s.twilio.DeclineNext(paymentstest.Decline(payments.CodeChargeRejected, ""))
	if status, body := s.post(0, session+"complete", nil); status != http.StatusPaymentRequired || body["error"] != "declined" {
		t.Errorf("complete: %d (want %d) %v", status, http.StatusPaymentRequired, body)
	}
}

func TestUnknownSessions(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	call := s.twilio.NewCall().SID
	for _, path := range []string{
		"/calls/" + call + "/payments/" + s.twilio.AccountSID() + "/PK00000000000000000000000000000001/complete",
		"/calls/CA1/payments",
	} {
		if status, body := s.post(0, path, nil); status < 400 || body["error"] == "" {
			t.Errorf("%s: %d %v, want a refusal with an error", path, status, body)
		}
	}
}

// TestReconnect: a browser that reconnects to another desk continues where it stopped.
func TestReconnect(t *testing.T) {
	t.Parallel()
	s := openShop(t, paymentstest.WithCaller(paymentstest.VisaCaller()))
	session := s.start(s.twilio.NewCall().SID)
	s.post(0, session+"capture/expiration-date", nil)
	first := s.read(0, session, "", 4)
	s.post(1, session+"cancel", nil)
	second := s.read(1, session, first[3], -1)
	if got := strings.Join(append(first, second...), ","); got != "1,2,3,4,5,6,7,8" {
		t.Errorf("events %s, want 1,2,3,4,5,6,7,8", got)
	}
}

// read returns the numbers of n events, or of all if n is negative.
func (s *shop) read(desk int, session, after string, n int) (ids []string) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.desks[desk].URL+session+"events", nil)
	must(s.t, err)
	r.Header.Set("Last-Event-ID", after)
	resp, err := http.DefaultClient.Do(r)
	must(s.t, err)
	defer func() { _ = resp.Body.Close() }()
	scanner := bufio.NewScanner(resp.Body)
	for len(ids) != n && scanner.Scan() {
		if id, ok := strings.CutPrefix(scanner.Text(), "id: "); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestCrossOrigin: pages of other origins in the agent's browser cannot charge.
func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	s := openShop(t, paymentstest.WithCaller(paymentstest.VisaCaller()))
	session := s.start(s.twilio.NewCall().SID)
	post := func(path string, header ...string) int {
		r, err := http.NewRequest(http.MethodPost, s.desks[0].URL+path, strings.NewReader("amount=49.90"))
		must(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		resp, err := http.DefaultClient.Do(r)
		must(t, err)
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	before := len(s.twilio.Requests())
	for _, path := range []string{"/calls/" + s.twilio.NewCall().SID + "/payments", session + "capture/payment-card-number", session + "complete", session + "cancel"} {
		for _, header := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
		} {
			if status := post(path, header...); status != http.StatusForbidden {
				t.Errorf("%s with %v: status %d, want %d", path, header, status, http.StatusForbidden)
			}
		}
	}
	if n := len(s.twilio.Requests()); n != before {
		t.Errorf("%d requests reached Twilio", n-before)
	}
	for _, header := range [][]string{nil, {"Sec-Fetch-Site", "same-origin"}, {"Origin", s.desks[0].URL}} {
		if status := post(session+"capture/payment-card-number", header...); status != http.StatusOK {
			t.Errorf("the agent's own page, %v: status %d, want %d", header, status, http.StatusOK)
		}
	}
}

// TestStreamOutlastsWriteTimeout: a stream continues after the time limit of other
// responses.
func TestStreamOutlastsWriteTimeout(t *testing.T) {
	t.Parallel()
	s := openShop(t, paymentstest.WithCaller(paymentstest.VisaCaller()))
	const write = 200 * time.Millisecond
	server := httptest.NewUnstartedServer(s.desks[0].Config.Handler)
	server.Config = newServer(s.desks[0].Config.Handler, write)
	server.Start()
	defer server.Close()
	if c := server.Config; c.ReadHeaderTimeout == 0 || c.ReadTimeout == 0 || c.IdleTimeout == 0 {
		t.Errorf("a server without time limits: %+v, want timeouts for header, request and idle connections", c)
	}
	session := s.start(s.twilio.NewCall().SID)
	resp, err := http.Get(server.URL + session + "events")
	must(t, err)
	defer func() { _ = resp.Body.Close() }()
	time.Sleep(2 * write)
	if status, body := s.post(0, session+"capture/payment-card-number", nil); status != http.StatusOK {
		t.Fatalf("capture: %d (want %d) %v", status, http.StatusOK, body)
	}
	found := false
	for lines := bufio.NewScanner(resp.Body); !found && lines.Scan(); {
		found = strings.Contains(lines.Text(), "payment-card-number")
	}
	if !found {
		t.Error("the stream ended before the capture")
	}
}
