package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// printed is what the program has printed so far.
type printed struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buf.Write(b)
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buf.String()
}

// start runs the program until the test ends, and returns the URL it prints.
func start(t *testing.T, args ...string) (string, *printed) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, ended := &printed{}, make(chan error, 1)
	go func() {
		ended <- run(ctx, append([]string{"-addr", "127.0.0.1:0", "-pace", "0s"}, args...), func(string) string { return "" }, out)
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the sandbox ended with %v", err)
		}
	})
	find := regexp.MustCompile(`Simulated Twilio on (\S+)`)
	for {
		if m := find.FindStringSubmatch(out.String()); m != nil {
			return m[1], out
		}
		select {
		case err := <-ended:
			ended <- nil
			t.Fatalf("the sandbox did not start: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
}

// pay runs a payment as any application would, and returns its last callback.
func pay(t *testing.T, url, token string, p payments.CreateParams, fields ...payments.Capture) callback.Event {
	t.Helper()
	events := make(chan callback.Event, 200)
	h, err := callback.NewHandler(func(_ context.Context, e callback.Event) error { events <- e; return nil }, callback.WithAuthTokens(token))
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(h)
	defer web.Close()
	client, err := payments.NewClient(payments.WithBaseURL(url), payments.WithCredentials(paymentstest.DefaultAccountSID, token), payments.WithRetryComplete(),
		payments.WithHTTPClient(&http.Client{Transport: &http.Transport{}}))
	if err != nil {
		t.Fatal(err)
	}
	const call = "CA00000000000000000000000000000001"
	p.StatusCallback = web.URL
	s, err := client.Create(t.Context(), call, p)
	if err != nil {
		t.Fatal(err)
	}
	steps := []payments.UpdateParams{}
	for _, f := range fields {
		steps = append(steps, payments.UpdateParams{Capture: f})
	}
	for _, step := range append(steps, payments.UpdateParams{Status: payments.StatusComplete}) {
		step.StatusCallback = web.URL
		if _, err := client.Update(t.Context(), call, s.SID, step); err != nil {
			t.Fatal(err)
		}
		for {
			e := <-events
			if e.Kind == callback.Completed {
				return e
			}
			if step.Capture != "" && e.Capture == step.Capture && !e.Partial() {
				if e.ErrorType != "" {
					again := payments.UpdateParams{StatusCallback: web.URL, Capture: step.Capture}
					if _, err := client.Update(t.Context(), call, s.SID, again); err != nil {
						t.Fatal(err)
					}
					continue
				}
				break
			}
		}
	}
	return callback.Event{}
}

func TestPeopleOnThePhone(t *testing.T) {
	t.Parallel()
	card := []payments.Capture{payments.CapturePaymentCardNumber, payments.CaptureExpirationDate, payments.CaptureSecurityCode, payments.CapturePostalCode}
	confirmed := payments.CreateParams{ChargeAmount: "1", Confirmation: payments.ConfirmationTrue}
	tests := []struct {
		args   []string
		params payments.CreateParams
		fields []payments.Capture
		result string
		code   string
	}{
		{[]string{"-caller", "visa"}, confirmed, card, "success", ""},
		{[]string{"-caller", "mastercard"}, confirmed, card, "success", ""},
		{[]string{"-caller", "amex"}, confirmed, card, "success", ""},
		{[]string{"-caller", "clumsy"}, confirmed, card, "success", ""},
		{[]string{"-caller", "untested"}, confirmed, card, "payment-connector-error", "64022"},
		{[]string{"-caller", "untested", "-live"}, confirmed, card, "success", ""},
		{[]string{"-decline", "64008"}, confirmed, card, "payment-connector-error", "64008"},
		{[]string{"-caller", "star"}, confirmed, card, "caller-interrupted-with-star", ""},
		{[]string{"-caller", "hang-up"}, confirmed, card, "caller-hung-up", ""},
		{[]string{"-caller", "ach"}, payments.CreateParams{PaymentMethod: payments.PaymentMethodACHDebit, Parameter: map[string]string{"AVSName": "x"}},
			[]payments.Capture{payments.CaptureBankRoutingNumber, payments.CaptureBankAccountNumber}, "success", ""},
		{[]string{"-failing", "0.2", "-seed", "7"}, confirmed, card, "success", ""},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			t.Parallel()
			url, out := start(t, append(tt.args, "-callback-token", "given-token")...)
			last := pay(t, url, "given-token", tt.params, tt.fields...)
			if string(last.Result) != tt.result || last.PayErrorCode != tt.code {
				t.Errorf("ended with %s and code %q, want %s and %q\n%s", last.Result, last.PayErrorCode, tt.result, tt.code, out)
			}
			for _, want := range []string{"operation create", "Result " + tt.result, "caller"} {
				for !strings.Contains(out.String(), want) { // the last line comes after the application's answer
					time.Sleep(time.Millisecond)
				}
			}
			for _, secret := range []string{"given-token", "41111", "1299", "94109"} {
				if strings.Contains(out.String(), secret) {
					t.Errorf("%s is printed:\n%s", secret, out)
				}
			}
		})
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"-addr", "0.0.0.0:0"}, "loopback"},
		{[]string{"-caller", "nobody"}, "-caller must be one of ach, amex"},
		{[]string{"-decline", "1"}, "-decline must be a code"},
		{[]string{"-failing", "2"}, "-failing must be"},
		{[]string{"-account", "AC1"}, "account SID"},
		{[]string{"-callback-hosts", "https://x"}, "host name"},
		{[]string{"now"}, "unexpected argument"},
	} {
		err := run(t.Context(), tt.args, func(string) string { return "" }, &printed{})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: error %v, want %q", tt.args, err, tt.want)
		}
	}
}

func TestRemoteOnlyWhenTold(t *testing.T) {
	t.Parallel()
	url, _ := start(t, "-addr", "0.0.0.0:0", "-allow-remote-clients", "-callback-hosts", "pay.example.com,other.example.com")
	if !strings.HasPrefix(url, "http://") {
		t.Errorf("URL %s", url)
	}
}
