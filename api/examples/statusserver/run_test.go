package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/internal/leak"
)

const (
	token  = "f1e2d3c4b5a69788796a5b4c3d2e1f00"
	public = "https://pay.example.com"
	path   = "/status?order=42"
)

// TestServer sends the callbacks of a whole payment, as Twilio would through a proxy,
// and stops the server during a delivery.
func TestServer(t *testing.T) {
	t.Setenv("TWILIO_AUTH_TOKEN", token)
	t.Setenv("PUBLIC_URL", public)
	t.Setenv("ADDR", "127.0.0.1:0")
	s := start(t)

	steps := []struct {
		form url.Values
		log  string // the line it logs; empty for none
	}{
		{event("PaymentConnector", "Default"), ""},
		{event("Capture", "payment-card-number", "PartialResult", "true", "Required", "payment-card-number,security-code", "PaymentCardNumber", "xx"), ""},
		{event("Capture", "payment-card-number", "ErrorType", "invalid-card-number", "Required", "payment-card-number,security-code"),
			"ask again field=payment-card-number problem=invalid-card-number retryable=true"},
		{event("Capture", "payment-card-number", "Required", "security-code", "PaymentCardNumber", "xxxxxxxxxxxx1111"), ""},
		{event("Capture", "security-code", "Required", "", "SecurityCode", "xxx"), "ready to complete captured=[payment-card-number security-code]"},
		{event("Result", "success", "PaymentToken", "SECRET", "PaymentConfirmationCode", "SECRET", "PaymentCardNumber", "SECRET"), "paid"},
		{other("Result", "payment-connector-error", "PayErrorCode", "64008", "PaymentError", "SECRET"),
			"not paid failure=map[code:64008 result:payment-connector-error session:PKffffffffffffffffffffffffffffffff]"},
	}
	for i, step := range steps {
		s.log.take()
		if status := s.deliver(t, step.form, callback.Sign(token, public+path, step.form)); status != 204 {
			t.Errorf("step %d: status %d, want 204", i, status)
		}
		lines := s.log.take()
		if got := summary(t, lines); got != step.log {
			t.Errorf("step %d logs %q, want %q", i, got, step.log)
		}
		for _, found := range leak.Find(lines, "SECRET", "1111") {
			t.Errorf("step %d logs a secret: %s", i, found)
		}
	}

	forged := event("Result", "success")
	if status := s.deliver(t, forged, callback.Sign("forged", public+path, forged)); status != 403 {
		t.Errorf("a forgery: status %d, want 403", status)
	}
	if got := summary(t, s.log.take()); !strings.HasPrefix(got, "status callback refused") {
		t.Errorf("a forgery logs %q", got)
	}
	for target, want := range map[string]int{"/healthz": 204, "/status": 405, "/": 404} {
		resp, err := http.Get("http://" + s.addr + target)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("GET %s: status %d, want %d", target, resp.StatusCode, want)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	s.stopDuringDelivery(t)
}

// stopDuringDelivery stops the server when half a body has arrived: the server responds
// to that delivery, accepts no new ones, and ends.
func (s *running) stopDuringDelivery(t *testing.T) {
	t.Helper()
	f := event("Result", "success", "Late", "1")
	body := f.Encode()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nX-Twilio-Signature: %s\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n",
		path, callback.Sign(token, public+path, f), len(body))
	responses := bufio.NewReader(conn)
	if line, err := responses.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 100 ") { // the handler has started
		t.Fatalf("%q, error %v", line, err)
	}
	_, _ = responses.ReadString('\n')
	_, _ = io.WriteString(conn, body[:10])
	s.stop()
	for s.log.contains("stopping") == false {
		time.Sleep(time.Millisecond)
	}
	_, _ = io.WriteString(conn, body[10:])
	resp, err := http.ReadResponse(responses, nil)
	if err != nil || resp.StatusCode != 204 {
		t.Errorf("response %v, error %v, want StatusCode 204", resp, err)
	}
	if err := <-s.ended; err != nil {
		t.Errorf("run: %v", err)
	}
	if _, err := net.Dial("tcp", s.addr); err == nil {
		t.Error("the server still listens")
	}
}

func TestRunRefuses(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	tests := map[string]struct {
		token string
		args  []string
		text  string
	}{
		"no token":       {"", nil, "no auth token"},
		"bad public URL": {token, []string{"-public-url", "pay.example.com"}, "WithPublicURL: must be http"},
		"unknown flag":   {token, []string{"-nope"}, "not defined"},
		"argument":       {token, []string{"extra"}, "unexpected argument"},
		"help":           {token, []string{"-h"}, "help requested"},
		"address taken":  {token, []string{"-addr", taken.Addr().String()}, "in use"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TWILIO_AUTH_TOKEN", test.token)
			err := run(t.Context(), test.args, io.Discard, nil)
			if err == nil || !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %v, want %q", err, test.text)
			}
		})
	}
}

func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	s := newSessions(nil)
	for i := range maxSessions + 5 {
		e, err := callback.Parse(url.Values{"Sid": {fmt.Sprint("PK", i)}})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time the session is known
			if _, err := s.apply(e); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, known := s.states["PK4"]; known || len(s.states) != maxSessions || len(s.order) != maxSessions {
		t.Errorf("%d states, want %d; %d (want %d) SIDs, oldest known: %v", len(s.states), maxSessions, len(s.order), maxSessions, known)
	}
}

func event(pairs ...string) url.Values {
	f := url.Values{
		"AccountSid": {"AC0123456789abcdef0123456789abcdef"}, "CallSid": {"CA0123456789abcdef0123456789abcdef"}, "Sid": {"PK0123456789abcdef0123456789abcdef"},
	}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

func other(pairs ...string) url.Values {
	f := event(pairs...)
	f.Set("Sid", "PKffffffffffffffffffffffffffffffff")
	return f
}

// running is a server under test.
type running struct {
	addr  string
	log   *output
	stop  context.CancelFunc
	ended chan error
}

func start(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	s := &running{log: new(output), stop: stop, ended: make(chan error, 1)}
	listening := make(chan net.Addr, 1)
	go func() { s.ended <- run(ctx, args, s.log, func(a net.Addr) { listening <- a }) }()
	select {
	case addr := <-listening:
		s.addr = addr.String()
	case err := <-s.ended:
		t.Fatal(err)
	}
	return s
}

func (s *running) deliver(t *testing.T, f url.Values, signature string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.addr+path, strings.NewReader(f.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", signature)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// summary returns the message and fields of a log with at most one line.
func summary(t *testing.T, lines string) string {
	t.Helper()
	if lines == "" {
		return ""
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(lines), &fields); err != nil {
		t.Fatalf("%q: %v", lines, err)
	}
	text := fmt.Sprint(fields["msg"])
	for _, name := range []string{"field", "problem", "retryable", "captured", "failure"} {
		if value, ok := fields[name]; ok {
			text += fmt.Sprintf(" %s=%v", name, value)
		}
	}
	return text
}

// output is a log that can be read while it is written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) take() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.b.Reset()
	return o.b.String()
}

func (o *output) contains(text string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Contains(o.b.String(), text)
}
