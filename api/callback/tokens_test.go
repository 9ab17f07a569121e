package callback_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

func TestTokenFromTheEnvironment(t *testing.T) {
	quiet := callback.WithLogger(slog.New(slog.DiscardHandler))
	t.Run("set", func(t *testing.T) {
		t.Setenv("TWILIO_AUTH_TOKEN", token)
		h, err := callback.NewHandler(ignore, ownHosts, quiet)
		if err != nil {
			t.Fatal(err)
		}
		if w := serve(h, signed(session())); w.Code != 204 {
			t.Errorf("status %d, want 204", w.Code)
		}
	})
	t.Run("option wins", func(t *testing.T) {
		t.Setenv("TWILIO_AUTH_TOKEN", token)
		h, err := callback.NewHandler(ignore, ownHosts, quiet, callback.WithAuthTokens("another"))
		if err != nil {
			t.Fatal(err)
		}
		if w := serve(h, signed(session())); w.Code != 403 {
			t.Errorf("status %d, want 403", w.Code)
		}
	})
	for _, value := range []string{"", " ", token + " "} {
		t.Run("unusable", func(t *testing.T) {
			t.Setenv("TWILIO_AUTH_TOKEN", value)
			if h, err := callback.NewHandler(ignore); err == nil || h != nil || strings.Contains(err.Error(), token) {
				t.Errorf("%q: handler %v, error %v", value, h, err)
			}
			if _, err := callback.Verify(); err == nil {
				t.Errorf("%q: Verify has no error", value)
			}
		})
	}
}

// TestTokens: a signature by any of several tokens is accepted.
func TestTokens(t *testing.T) {
	t.Parallel()
	for _, used := range []string{"first", "second", "third"} {
		h := newHandler(t, ignore, callback.WithAuthTokens("first", "second", "third"))
		r := request(statusURL, formType, session().Encode())
		r.Header.Set("X-Twilio-Signature", callback.Sign(used, statusURL, session()))
		if w := serve(h, r); w.Code != 204 {
			t.Errorf("%s: status %d, want 204", used, w.Code)
		}
	}
}

func sourceOf(tokens ...string) func(context.Context, string) (wire.Credentials, error) {
	return func(context.Context, string) (wire.Credentials, error) { return wire.NewCredentials(tokens...), nil }
}

func TestTokenSource(t *testing.T) {
	t.Parallel()
	down := errors.New("database of tokens is down")
	tests := map[string]struct {
		form   url.Values
		tokens []string
		err    error
		signer string
		status int
		asked  string
	}{
		"known account":        {session(), []string{"old", token}, nil, token, 204, accountSID},
		"token of another":     {session(), []string{"old"}, nil, token, 403, accountSID},
		"unknown account":      {session(), nil, nil, token, 403, accountSID},
		"empty token":          {session(), []string{""}, nil, "", 403, accountSID},
		"empty token and true": {session(), []string{"", token}, nil, token, 204, accountSID},
		"source fails":         {session(), nil, down, token, 500, accountSID},
		"account is not a SID": {changed(session(), "AccountSid", "AC' OR 1=1"), []string{token}, nil, token, 403, "nothing"},
		"account SID too long": {changed(session(), "AccountSid", accountSID+"0"), []string{token}, nil, token, 403, "nothing"},
		"account SID not hex":  {changed(session(), "AccountSid", "AC"+strings.Repeat("g", 32)), []string{token}, nil, token, 403, "nothing"},
		"no account":           {form("Sid", sessionSID), []string{token}, nil, token, 400, ""},
		"two accounts":         {url.Values{"AccountSid": {accountSID, "AC" + strings.Repeat("f", 32)}, "CallSid": {callSID}, "Sid": {sessionSID}}, []string{token}, nil, token, 403, "nothing"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := "nothing"
			var log logBuffer
			h, err := callback.NewHandler(ignore, ownHosts, withLog(&log), callback.WithTokenSource(func(ctx context.Context, account string) (wire.Credentials, error) {
				asked = account
				if _, bounded := ctx.Deadline(); !bounded {
					t.Error("the context has no deadline")
				}
				return wire.NewCredentials(test.tokens...), test.err
			}))
			if err != nil {
				t.Fatal(err)
			}
			r := request(statusURL, formType, test.form.Encode())
			r.Header.Set("X-Twilio-Signature", callback.Sign(test.signer, statusURL, test.form))
			w := serve(h, r)
			if w.Code != test.status || w.Body.Len() != 0 || asked != test.asked {
				t.Errorf("response %d %q, asked for %q, want %d and %q", w.Code, w.Body, asked, test.status, test.asked)
			}
			if strings.Contains(log.String(), "is down") != (test.err != nil) {
				t.Errorf("log: %s", &log)
			}
		})
	}
}

// TestTokenSourceOfVerify checks where a request without a form names its account.
// One that names two, in any spelling, could be signed with the token of either.
func TestTokenSourceOfVerify(t *testing.T) {
	t.Parallel()
	const otherAccount = "ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	tests := map[string]struct {
		request *http.Request
		asked   string
	}{
		"GET":              {httptest.NewRequest(http.MethodGet, "https://voice.example.com/incoming?CallSid=CA1&AccountSid="+accountSID, nil), accountSID},
		"GET, no account":  {httptest.NewRequest(http.MethodGet, "https://voice.example.com/incoming", nil), ""},
		"form":             {request("https://voice.example.com/incoming", formType, "AccountSid="+accountSID), accountSID},
		"form, not query":  {request("https://voice.example.com/incoming?AccountSid="+accountSID, formType, "CallSid=CA1"), ""},
		"JSON, not query":  {request("https://voice.example.com/incoming?AccountSid="+accountSID, "application/json", "{}"), ""},
		"GET, broken":      {httptest.NewRequest(http.MethodGet, "https://voice.example.com/incoming?AccountSid=AC1", nil), "nothing"},
		"name escaped":     {httptest.NewRequest(http.MethodGet, "https://voice.example.com/incoming?%41ccountSid="+accountSID, nil), accountSID},
		"GET, two":         {httptest.NewRequest(http.MethodGet, "https://voice.example.com/incoming?AccountSid="+accountSID+"&AccountSid="+otherAccount, nil), "nothing"},
		"GET, one escaped": {httptest.NewRequest(http.MethodGet, "https://voice.example.com/incoming?%41ccountSid="+otherAccount+"&AccountSid="+accountSID, nil), "nothing"},
		"form, two":        {request("https://voice.example.com/incoming", formType, "AccountSid="+accountSID+"&AccountSid="+otherAccount), "nothing"},
		"no bytes of form": {request("https://voice.example.com/incoming?AccountSid="+accountSID, formType, ""), accountSID},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := "nothing"
			verify, err := callback.Verify(ownHosts, callback.WithLogger(slog.New(slog.DiscardHandler)),
				callback.WithTokenSource(func(_ context.Context, account string) (wire.Credentials, error) {
					asked = account
					return wire.Credentials{}, nil
				}))
			if err != nil {
				t.Fatal(err)
			}
			test.request.Header.Set("X-Twilio-Signature", callback.Sign(token, "https://voice.example.com/incoming", nil))
			w := serve(verify(http.NotFoundHandler()), test.request)
			if w.Code != 403 || asked != test.asked {
				t.Errorf("status %d, asked for %q, want %q", w.Code, asked, test.asked)
			}
		})
	}
}

func changed(f url.Values, key, value string) url.Values {
	f.Set(key, value)
	return f
}
