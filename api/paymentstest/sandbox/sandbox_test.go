package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/internal/leak"
)

// printed collects the program's output.
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
	return startIn(t, nil, args...)
}

// startIn is like start, with an environment.
func startIn(t *testing.T, env map[string]string, args ...string) (string, *printed) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, ended := &printed{}, make(chan error, 1)
	go func() {
		ended <- serve(ctx, append([]string{"-addr", "127.0.0.1:0", "-pace", "0s"}, args...), func(name string) string { return env[name] }, out)
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the sandbox ended with %v", err)
		}
	})
	find := regexp.MustCompile(`(?s)Simulated Twilio on (\S+).*Payments\.json"\n`)
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

// waitFor waits until the program has printed a text.
func waitFor(t *testing.T, out *printed, want string) {
	t.Helper()
	never := time.After(30 * time.Second)
	for !strings.Contains(out.String(), want) {
		select {
		case <-never:
			t.Fatalf("%q is never printed:\n%s", want, out)
		case <-time.After(time.Millisecond):
		}
	}
}

func readCloser(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }

// pay takes a payment as any application would, and returns its last callback.
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

func TestScriptedCallers(t *testing.T) {
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
		{[]string{"-caller", "ach"}, payments.CreateParams{PaymentMethod: payments.PaymentMethodACHDebit, Parameter: wire.NewParameters(map[string]string{"AVSName": "x"})},
			[]payments.Capture{payments.CaptureBankRoutingNumber, payments.CaptureBankAccountNumber}, "success", ""},
		{[]string{"-failing", "0.2", "-seed", "7"}, confirmed, card, "success", ""},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			t.Parallel()
			url, out := start(t, append(tt.args, "-auth-token", "given-token")...)
			last := pay(t, url, "given-token", tt.params, tt.fields...)
			if string(last.Result) != tt.result || last.PayErrorCode != tt.code {
				t.Errorf("ended with %s and code %q, want %s and %q\n%s", last.Result, last.PayErrorCode, tt.result, tt.code, out)
			}
			for _, want := range []string{"operation create", "Result " + tt.result, "caller"} {
				waitFor(t, out, want) // the last line is printed after the application's response
			}
			for _, found := range leak.Find(out.String(), "given-token", "41111", "1299", "94109") {
				t.Errorf("printed: %s", found)
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
		{[]string{"-addr", "0.0.0.0:0"}, "-addr must be a loopback address, unless -allow-remote-clients is given"},
		{[]string{"-addr", "here"}, "-addr must be host:port"},
		{[]string{"-max-sessions", "0"}, "-max-sessions must be"},
		{[]string{"-unknown"}, "-unknown (sandbox -h lists the flags)"},
		{[]string{"-caller", "nobody"}, "-caller must be one of visa, mastercard"},
		{[]string{"-decline", "1"}, "-decline must be a code"},
		{[]string{"-failing", "2"}, "-failing must be"},
		{[]string{"-failing", "NaN"}, "-failing must be"},
		{[]string{"-pace", "-1s"}, "-pace must not be negative"},
		{[]string{"-account", "AC1"}, "-account must be AC and 32 hexadecimal digits"},
		{[]string{"-callback-hosts", "https://x"}, "-callback-hosts: every host must be a host name"},
		{[]string{"-hosts", "https://x"}, "-hosts: every host must be a host name"},
		{[]string{"-env-credentials"}, "-env-credentials needs TWILIO_ACCOUNT_SID, which is not set"},
		{[]string{"now"}, "unexpected argument"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // with valid flags it would serve forever
		err := serve(ctx, tt.args, func(string) string { return "" }, &printed{})
		cancel()
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: error %v, want %q", tt.args, err, tt.want)
		}
	}
}

// TestAuthToken: which token opens the account, by flags and environment.
func TestAuthToken(t *testing.T) {
	t.Parallel()
	const account, real = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "real-token"
	env := map[string]string{"TWILIO_ACCOUNT_SID": account, "TWILIO_AUTH_TOKEN": real}
	made := regexp.MustCompile(`export TWILIO_AUTH_TOKEN=(\S+)`)
	for _, tt := range []struct {
		name    string
		env     map[string]string
		args    []string
		account string
		token   string // empty for the random one that is printed
	}{
		{"documented", nil, nil, paymentstest.DefaultAccountSID, paymentstest.DefaultAuthToken},
		{"documented, with real ones in the environment", env, nil, paymentstest.DefaultAccountSID, paymentstest.DefaultAuthToken},
		{"from the environment, with the flag", env, []string{"-env-credentials"}, account, real},
		{"given", env, []string{"-auth-token", "given-token"}, paymentstest.DefaultAccountSID, "given-token"},
		{"given with the old flag", nil, []string{"-callback-token", "given-token"}, paymentstest.DefaultAccountSID, "given-token"},
		{"remote", env, []string{"-allow-remote-clients"}, paymentstest.DefaultAccountSID, ""},
		{"remote and given", nil, []string{"-allow-remote-clients", "-auth-token", "given-token"}, paymentstest.DefaultAccountSID, "given-token"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url, out := startIn(t, tt.env, tt.args...)
			token := tt.token
			if token == "" {
				token = made.FindStringSubmatch(out.String())[1]
				if token == paymentstest.DefaultAuthToken || len(token) < 26 {
					t.Errorf("remote clients can use the documented token %q", token)
				}
			}
			for _, try := range []string{token, "wrong", paymentstest.DefaultAuthToken, real} {
				want := http.StatusUnauthorized
				if try == token {
					want = http.StatusCreated
				}
				if status := create(t, url, tt.account, try, nil); status != want {
					t.Errorf("%q: status %d, want %d", try, status, want)
				}
			}
			for _, secret := range []string{"given-token", real} {
				if strings.Contains(out.String(), secret) {
					t.Errorf("%s is printed:\n%s", secret, out)
				}
			}
		})
	}
}

// TestOldSDKs: the sandbox accepts what twilio-python sent before February 2024.
func TestOldSDKs(t *testing.T) {
	t.Parallel()
	url, out := start(t)
	status := create(t, url, paymentstest.DefaultAccountSID, paymentstest.DefaultAuthToken, func(r *http.Request) {
		body := "IdempotencyKey=old&StatusCallback=https%3A%2F%2Fpay.example.com%2Fstatus&PostalCode=False&SecurityCode=True"
		r.Body, r.ContentLength = readCloser(body), int64(len(body))
	})
	if status != http.StatusCreated || !strings.Contains(out.String(), "boolean not as declared") {
		t.Errorf("status %d, want %d\n%s", status, http.StatusCreated, out)
	}
}

var calls atomic.Int64

// create opens a session on a new call and returns the status.
func create(t *testing.T, url, account, token string, change func(*http.Request)) int {
	t.Helper()
	target := fmt.Sprintf("%s/2010-04-01/Accounts/%s/Calls/CA%032x/Payments.json", url, account, calls.Add(1))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader("IdempotencyKey="+fmt.Sprint(calls.Load())+"&StatusCallback=http%3A%2F%2F127.0.0.1%3A1%2F"))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(account, token)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if change != nil {
		change(req)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}
