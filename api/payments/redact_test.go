package payments_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// refusedWith returns the error of a create that Twilio refused with this message.
func refusedWith(t *testing.T, message string, params payments.CreateParams) *payments.Error {
	t.Helper()
	body, err := json.Marshal(map[string]any{"code": 64020, "message": message})
	if err != nil {
		t.Fatal(err)
	}
	client := newClient(t, "https://api.example.com", payments.WithHTTPClient(&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return response(400, string(body)), nil
	})}))
	_, err = client.Create(t.Context(), callSID, params)
	return failure(t, err)
}

// A secret is found however a message escapes it, and in every part of the
// callback URL.
func TestSecretsAreFoundInAnyEncoding(t *testing.T) {
	t.Parallel()
	const (
		query = "token=Ab%2Fc+d/e&user=J%C3%B6rg"
		full  = "https://me:pass-word@Pay.Example.com/hooks/s3cr3t-path?" + query + "#rc=5&rp=all"
		value = `Jane "O'Hara" & <Söhne>/x`
	)
	params := payments.CreateParams{StatusCallback: full, Description: "a b+c", Parameter: wire.NewParameters(map[string]string{"AVSName": value, "Pin": "1234", "Code": "12345678"})}
	asJSON := func(s string) string { text, _ := json.Marshal(s); return string(text[1 : len(text)-1]) }
	for name, secret := range map[string]string{
		"the callback":                   full,
		"in lower case":                  strings.ToLower(full),
		"path and query":                 "/hooks/s3cr3t-path?" + query,
		"a path":                         "/hooks/s3cr3t-path",
		"the query":                      query,
		"a value of the query":           "Ab/c d/e",
		"escaped as in the URL":          "Ab%2Fc+d/e",
		"escaped by other rules":         "Ab%2Fc%20d%2Fe",
		"in lower-case escapes":          "ab%2fc%20d%2fe",
		"another value":                  "Jörg",
		"escaped in lower case":          "j%c3%b6rg",
		"the fragment":                   "rc=5&rp=all",
		"a user and a password":          "me:pass-word",
		"a password":                     "pass-word",
		"a parameter":                    value,
		"a parameter in a query":         url.QueryEscape(value),
		"a parameter in a path":          url.PathEscape(value),
		"with lower-case escapes":        strings.ToLower(url.QueryEscape(value)),
		"in HTML":                        html.EscapeString(value),
		"in HTML by numbers":             "Jane &#x22;O&#x27;Hara&#34; &#38; &lt;S&#xF6;hne&gt;/x",
		"in JSON":                        asJSON(value),
		"in JSON that escapes more":      `Jane \"O\u0027Hara\" \u0026 \u003cS\u00f6hne\u003e\/x`,
		"in JSON in JSON":                asJSON(asJSON(value)),
		"in a query in a query":          url.QueryEscape(url.QueryEscape(value)),
		"in a query in HTML":             html.EscapeString("x=1&n=" + url.QueryEscape(value))[len("x=1&amp;n="):],
		"of four digits":                 "1234",
		"of eight digits":                "12345678",
		"a description":                  "a b+c",
		"a description with %20":         "a%20b%2Bc",
		"a description in a form":        "a+b%2bc",
		"the token":                      authToken,
		"the token in capitals":          strings.ToUpper(authToken),
		"the token, its letters escaped": "%6Darked-auth-token",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := refusedWith(t, "value ("+secret+") is not valid", params)
			if e.Message != "value ([redacted]) is not valid" {
				t.Errorf("%q is shown as %q, want \"value ([redacted]) is not valid\"", secret, e.Message)
			}
		})
	}
	for _, harmless := range []string{"", "Invalid parameter: Timeout 123 is 100% wrong & \\n &amp; %zz &#;", "CallSid " + callSID, "J&ouml;rn", "/hooks", "A b"} {
		if e := refusedWith(t, "x"+harmless, params); e.Message != "x"+harmless {
			t.Errorf("%q is shown as %q", harmless, e.Message)
		}
	}
}

// leaky is a transport's error whose text repeats the request.
type leaky struct{ inner error }

func (e *leaky) Error() string   { return "sending to " + callback + ": " + e.inner.Error() }
func (e *leaky) Unwrap() error   { return e.inner }
func (e *leaky) Timeout() bool   { return true }
func (e *leaky) Temporary() bool { return false }

// tokenError is such an error that wraps nothing.
type tokenError struct{}

func (tokenError) Error() string { return "bad token marked-callback" }

// errors.Is and errors.As work through a redacted cause, and the errors they find
// have no secret in their text.
func TestRedactedCauseMatchesTheSameErrors(t *testing.T) {
	t.Parallel()
	reset := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	for name, cause := range map[string]error{
		"wrapped":              fmt.Errorf("posting %s: %w", callback, reset),
		"twice":                &leaky{fmt.Errorf("to %s: %w", "token=marked-callback", reset)},
		"joined":               errors.Join(errors.New("marked-callback"), fmt.Errorf("x: %w", reset)),
		"in a URL error":       &url.Error{Op: "Post", URL: callback, Err: reset},
		"in a network error":   fmt.Errorf("x: %w", &net.OpError{Op: "read", Err: fmt.Errorf("by marked-callback: %w", syscall.ECONNRESET)}),
		"in a wrapper's text":  &leaky{reset},
		"not in the wrapper's": quiet{&leaky{reset}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, "https://api.example.com", payments.WithMaxRetries(0), payments.WithHTTPClient(&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				return nil, cause
			})}))
			_, err := operations["complete"](t.Context(), client)
			if !errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
				t.Errorf("errors.Is: %v, want %v", err, syscall.ECONNRESET)
			}
			var (
				network net.Error
				op      *net.OpError
				errno   syscall.Errno
				post    *url.Error
				own     *leaky
			)
			if !errors.As(err, &op) || op.Op != "read" || !errors.As(err, &errno) || errno != syscall.ECONNRESET || !errors.As(err, &network) {
				t.Fatalf("errors.As finds %v, %v (want %v) and %v", op, errno, syscall.ECONNRESET, network)
			}
			found := []error{err, network, op, errno}
			if errors.As(err, &post) {
				found = append(found, post)
			}
			if errors.As(err, &own) {
				found = append(found, own)
			}
			for _, e := range found {
				for how, text := range printed(e) {
					if leaks(text) {
						t.Errorf("%T by %s shows a secret: %s", e, how, text)
					}
				}
			}
		})
	}
}

// quiet is an error whose text does not repeat what it wraps.
type quiet struct{ inner error }

func (quiet) Error() string   { return "failed" }
func (e quiet) Unwrap() error { return e.inner }

// A redacted error has a Timeout method exactly if the original has one.
func TestRedactedTimeout(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		cause         error
		found, expiry bool
	}{{&leaky{tokenError{}}, true, true}, {tokenError{}, false, false}, {&net.DNSError{Err: "marked-callback", Name: "a.example"}, true, false}} {
		client := newClient(t, "https://api.example.com", payments.WithMaxRetries(0), payments.WithHTTPClient(&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			return nil, tt.cause
		})}))
		_, err := operations["complete"](t.Context(), client)
		var network net.Error
		if found := errors.As(err, &network); found != tt.found || found && (network.Timeout() != tt.expiry || leaks(network.Error())) {
			t.Errorf("%T: found %v, want %v: %v", tt.cause, found, tt.found, network)
		}
		var dns *net.DNSError
		if errors.As(err, &dns) && (leaks(dns.Error()) || dns.Name != "a.example") {
			t.Errorf("a DNS error shows a secret, or lost its name: %v", dns)
		}
	}
}

// Raw returns the full body, and nothing prints it.
func TestRaw(t *testing.T) {
	t.Parallel()
	const body = `{"code":64020,"message":"m","new_detail":{"why":"marked-detail"}}`
	var info payments.ResponseInfo
	_, err := operations["capture"](t.Context(), once(t, respond(400, body)), payments.WithResponseInfo(&info))
	e := failure(t, err)
	if string(e.Raw()) != body || string(info.Raw()) != body {
		t.Errorf("got %s and %s", e.Raw(), info.Raw())
	}
	e.Raw()[0] = 'x'
	if string(e.Raw()) != body {
		t.Error("Raw does not return a copy")
	}
	for name, v := range map[string]any{"error": e, "its value": *e, "info": info, "a pointer to it": &info, "in a struct": struct{ i payments.ResponseInfo }{info}, "hidden": struct{ e payments.Error }{*e}} {
		for how, text := range printed(v) {
			if leaks(text) {
				t.Errorf("%s by %s prints the body: %s", name, how, text)
			}
		}
	}
	if _, err := operations["capture"](t.Context(), once(t, accepted), payments.WithResponseInfo(&info)); err != nil || !strings.Contains(string(info.Raw()), paymentSID) {
		t.Errorf("after a success: %s, %v", info.Raw(), err)
	}
	_, err = operations["capture"](t.Context(), once(t, respond(502, strings.Repeat("x", 1<<20))))
	if e := failure(t, err); len(e.Raw()) != 64<<10 {
		t.Errorf("%d bytes of a long body", len(e.Raw()))
	}
	_, err = newClient(t, "https://api.example.com").Create(t.Context(), "CA", payments.CreateParams{}, payments.WithResponseInfo(&info))
	if e := failure(t, err); e.Raw() != nil || info.Raw() != nil {
		t.Error("there is a body without a response")
	}
}

// Secrets in Details are redacted, because fmt (for unexported fields) and gob
// print them without calling a method.
func TestDetailsAreRedacted(t *testing.T) {
	t.Parallel()
	const body = `{"code":64020,"message":"m","details":{"field":"StatusCallback","given":"https://pay.example.com/status?token=marked-callback",
		"marked-avs-name":1,"list":[{"why":"marked-avs-name is bad"},"MARKED%2DAVS%2DNAME",7,null]}}`
	_, err := once(t, respond(400, body)).Create(t.Context(), callSID, payments.CreateParams{
		StatusCallback: callback, Parameter: wire.NewParameters(map[string]string{"AVSName": "marked-avs-name"}),
	})
	e := failure(t, err)
	want := map[string]any{
		"field": "StatusCallback", "given": "[redacted]", "[redacted]": 1.0,
		"list": []any{map[string]any{"why": "[redacted] is bad"}, "[redacted]", 7.0, nil},
	}
	if diff := cmp.Diff(want, e.Details); diff != "" {
		t.Error(diff)
	}
	type holder struct {
		err   payments.Error
		Other payments.Error
	}
	var encoded bytes.Buffer
	_ = gob.NewEncoder(&encoded).Encode(e) // what it cannot encode it does not show
	_ = xml.NewEncoder(&encoded).Encode(holder{*e, *e})
	if text := fmt.Sprintf("%v %+v %#v %s", holder{*e, *e}, &holder{*e, *e}, holder{*e, *e}, &encoded); leaks(text) {
		t.Errorf("printed: %s", text)
	}
	if text, err := e.MarshalText(); err != nil || string(text) != e.Error() {
		t.Errorf("as text %q, %v", text, err)
	}
}

// A refusal for a missing permission names it, whichever field Twilio uses.
func TestMissingPermissions(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"in the message":  {403, `{"code":70051,"message":"Authorization failed: missing '/twilio/voice/calls/update'."}`, "/twilio/voice/calls/update"},
		"in details":      {401, `{"code":70051,"message":"no","details":{"permissions":["/twilio/voice/calls/create","/twilio/voice/calls/update"]}}`, "/twilio/voice/calls/create, /twilio/voice/calls/update"},
		"in a new field":  {403, `{"code":70051,"message":"no","needed":[{"name":"/twilio/voice/calls/*"}]}`, "/twilio/voice/calls/*"},
		"nowhere":         {403, `{"code":70051,"message":"Authorization Failed"}`, ""},
		"of another code": {403, `{"code":20403,"message":"/twilio/voice/calls/create"}`, ""},
	} {
		_, err := operations["create"](t.Context(), once(t, respond(tt.status, tt.body)))
		e := failure(t, err)
		if got := strings.Join(e.Permissions, ", "); got != tt.want || tt.want != "" && !strings.Contains(err.Error(), ": missing "+tt.want) {
			t.Errorf("%s: %q (want %q), %v", name, got, tt.want, err)
		}
		if !errors.Is(err, payments.ErrPermission) {
			t.Errorf("%s: %v, want payments.ErrPermission", name, err)
		}
	}
}

// What a response says outside of its message is redacted too, numbers included.
func TestEverythingOfAResponseIsRedacted(t *testing.T) {
	t.Parallel()
	const (
		token = "0123456789abcdef0123456789abcdef"
		id    = "RQ00112233445566778899aabbccddeeff"
	)
	params := payments.CreateParams{StatusCallback: "https://pay.example.com/twilio/marked/status", Description: "docs",
		Parameter: wire.NewParameters(map[string]string{"Account": "12345678"})}
	for sent, want := range map[string]string{
		id: id, "RQ1": "RQ1", "": "", token: "[redacted]", "Basic " + token: "Basic [redacted]", "RQ" + token + "0": "RQ[redacted]0",
		strings.Repeat("x", 110) + token: strings.Repeat("x", 110) + "[redacted]",
	} {
		var log bytes.Buffer
		client := once(t, respond(403, `{"code":70051,"message":"no /twilio/voice/calls/create","more_info":"https://www.twilio.com/docs/`+token+`",`+
			`"details":{"ask":"/twilio/marked/status","of":"/twilio/`+token+`","n":12345678,"m":1234,"deep":[{"n":12345678}]}}`, "Twilio-Request-Id", sent))
		var info payments.ResponseInfo
		_, err := client.Create(t.Context(), callSID, params, payments.WithCredentials(accountSID, token), payments.WithResponseInfo(&info),
			payments.WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
		e := failure(t, err)
		got := []any{e.RequestID, info.RequestID, e.MoreInfo, e.Permissions, e.Details}
		if diff := cmp.Diff([]any{want, want, "https://www.twilio.com/[redacted]/[redacted]",
			[]string{"[redacted]", "/twilio/[redacted]", "/twilio/voice/calls/create"},
			map[string]any{"ask": "[redacted]", "of": "/twilio/[redacted]", "n": "[redacted]", "m": 1234.0, "deep": []any{map[string]any{"n": "[redacted]"}}},
		}, got); diff != "" {
			t.Errorf("id %q: %s", sent, diff)
		}
		if text := log.String() + err.Error(); strings.Contains(text, token) || strings.Contains(text, "marked") || strings.Count(text, want) < 3 {
			t.Errorf("id %q: %s", sent, text)
		}
	}
}

// A request id is untrusted input: it is cut and made printable everywhere.
func TestRequestIDsArePrintable(t *testing.T) {
	t.Parallel()
	id := "RQ\u202e\u0085" + strings.Repeat("é", 5000)
	var log bytes.Buffer
	var info payments.ResponseInfo
	client := newClient(t, "https://api.example.com", payments.WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		payments.WithHTTPClient(&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			return response(400, "{}", "Twilio-Request-Id", id), nil
		})}))
	_, err := client.Create(context.Background(), callSID, payments.CreateParams{IdempotencyKey: strings.Repeat("k\n", 9000), StatusCallback: callback}, payments.WithResponseInfo(&info))
	e := failure(t, err)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "err", e)
	for _, text := range []string{e.RequestID, info.RequestID} {
		if len(text) > 140 || strings.ContainsAny(text, "\u202e\u0085") || !strings.HasPrefix(text, "RQ") {
			t.Errorf("request id of %d bytes: %.20q", len(text), text)
		}
	}
	for line := range strings.Lines(log.String()) {
		if len(line) > 1000 || strings.ContainsAny(line, "\u202e\u0085") {
			t.Errorf("a log line of %d bytes: %.200s", len(line), line)
		}
	}
}
