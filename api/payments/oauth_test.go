package payments_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

const (
	clientID     = "OQffffffffffffffffffffffffffffffff"
	clientSecret = "marked-client-secret"
)

// authServer is Twilio's two servers in process: an OAuth server that numbers its
// tokens, and an API that accepts those that are neither revoked nor expired.
type authServer struct {
	mu        sync.Mutex
	life      int           // seconds; expires_in
	takes     time.Duration // of a fetch
	fetch     []int         // statuses of the next fetches; then 200
	fetches   int
	forms     []url.Values
	hosts     []string
	good      map[string]time.Time
	sent      []string // the API's Authorization headers
	refuseAll bool
	oauthBody string
}

func (s *authServer) client(t *testing.T, opts ...payments.Option) *payments.Client {
	t.Helper()
	c, err := payments.NewClient(append([]payments.Option{payments.WithHTTPClient(&http.Client{Transport: s})}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// RoundTrip implements [http.RoundTripper].
func (s *authServer) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hosts = append(s.hosts, r.URL.Host+r.URL.Path)
	if !strings.HasSuffix(r.URL.Path, "/v2/token") {
		header := r.Header.Get("Authorization")
		s.sent = append(s.sent, header)
		if until, ok := s.good[strings.TrimPrefix(header, "Bearer ")]; s.refuseAll || !ok || !time.Now().Before(until) {
			return response(http.StatusUnauthorized, `{"code":20003,"message":"Authenticate"}`), nil
		}
		return response(http.StatusCreated, sessionAt(r.URL.Path)), nil
	}
	form, _ := url.ParseQuery(string(body))
	s.forms = append(s.forms, form)
	s.mu.Unlock()
	select {
	case <-time.After(s.takes):
	case <-r.Context().Done():
	}
	s.mu.Lock()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if len(s.fetch) > 0 {
		status := s.fetch[0]
		if s.fetch = s.fetch[1:]; status != http.StatusOK {
			return response(status, `{"error":"invalid_client","error_description":"`+clientSecret+`"}`), nil
		}
	}
	s.fetches++
	token := fmt.Sprintf("marked-access-token-%d", s.fetches)
	if s.good == nil {
		s.good = map[string]time.Time{}
	}
	s.good[token] = time.Now().Add(time.Duration(s.life) * time.Second)
	if s.oauthBody != "" {
		return response(http.StatusOK, s.oauthBody), nil
	}
	return response(http.StatusOK, fmt.Sprintf(`{"access_token":%q,"token_type":"Bearer","expires_in":%d}`, token, s.life)), nil
}

func (s *authServer) tokens() (fetches int, sent []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fetches, append([]string(nil), s.sent...)
}

func create(ctx context.Context, c *payments.Client, opts ...payments.Option) error {
	_, err := c.Create(ctx, callSID, payments.CreateParams{StatusCallback: callback}, opts...)
	return err
}

var oauth = payments.WithOAuth(accountSID, clientID, clientSecret)

// TestOAuthRefreshesBeforeExpiry makes a call every second for ten token
// lifetimes: no call sends an expired token, none waits after the first fetch, and
// a token is fetched after every four fifths of a lifetime.
func TestOAuthRefreshesBeforeExpiry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &authServer{life: 60, takes: 2 * time.Second}
		c := s.client(t, oauth)
		var slowest time.Duration
		for i := range 600 {
			began := time.Now()
			if err := create(t.Context(), c); err != nil {
				t.Fatal(i, err)
			}
			if i > 0 {
				slowest = max(slowest, time.Since(began))
			}
			time.Sleep(time.Second)
		}
		synctest.Wait()
		fetches, _ := s.tokens()
		if fetches < 12 || fetches > 17 || slowest > 0 {
			t.Errorf("%d tokens in 600 s, the slowest call took %s", fetches, slowest)
		}
	})
}

// TestOAuthFetchesOnce: a hundred concurrent calls share one fetch.
func TestOAuthFetchesOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &authServer{life: 3600, takes: 3 * time.Second}
		c := s.client(t, oauth)
		var wg sync.WaitGroup
		var impatient, failed atomic.Int32
		for i := range 100 {
			wg.Go(func() {
				ctx := t.Context()
				if i%10 == 0 { // waits within its own context
					short, cancel := context.WithTimeout(ctx, time.Second)
					defer cancel()
					ctx = short
				}
				began := time.Now()
				err := create(ctx, c)
				switch {
				case i%10 == 0 && errors.Is(err, context.DeadlineExceeded) && time.Since(began) == time.Second:
					impatient.Add(1)
				case err != nil:
					failed.Add(1)
				}
			})
		}
		wg.Wait()
		if fetches, sent := s.tokens(); fetches != 1 || impatient.Load() != 10 || failed.Load() != 0 || len(sent) != 90 {
			t.Errorf("%d fetches, want 1; %d impatient, want 10; %d failed, want 0; %d sent, want 90", fetches, impatient.Load(), failed.Load(), len(sent))
		}
	})
}

// TestOAuthFailures: without a token nothing is sent, and the error says why.
func TestOAuthFailures(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fetch  []int
		body   string
		opts   []payments.Option
		tries  int
		means  error
		reason string
	}{
		"a wrong secret":            {fetch: []int{401}, tries: 1, means: payments.ErrAuthentication, reason: "invalid_client"},
		"not allowed":               {fetch: []int{400}, tries: 1, means: payments.ErrCredentials, reason: "invalid_client"},
		"an outage":                 {fetch: []int{503, 503, 503, 503, 503}, tries: 4, means: payments.ErrServer},
		"an outage without retries": {fetch: []int{503}, tries: 1, means: payments.ErrServer, opts: []payments.Option{payments.WithMaxRetries(0)}},
		"429, then a token":         {fetch: []int{429, 429}, tries: 3},
		"no token":                  {body: `{"token_type":"Bearer"}`, tries: 1, means: payments.ErrCredentials},
		"another type of token":     {body: `{"access_token":"x","token_type":"mac"}`, tries: 1, means: payments.ErrCredentials},
		"a lifetime in quotes":      {body: `{"access_token":"marked-access-token-1","token_type":"Bearer","expires_in":"3600"}`, tries: 1},
		"a byte order mark":         {body: "\xef\xbb\xbf" + `{"access_token":"marked-access-token-1","token_type":"Bearer","expires_in":3600}`, tries: 1},
		"HTML":                      {body: `<html>`, tries: 1, means: payments.ErrCredentials},
		"a token with a line break": {body: `{"access_token":"a\nb","token_type":"bearer"}`, tries: 1, means: payments.ErrCredentials},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				s := &authServer{life: 3600, fetch: tt.fetch, oauthBody: tt.body}
				logger := payments.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
				err := create(t.Context(), s.client(t, append(tt.opts, oauth, logger)...))
				s.mu.Lock()
				defer s.mu.Unlock()
				if len(s.hosts)-len(s.sent) != tt.tries {
					t.Errorf("fetched %d times, want %d", len(s.hosts)-len(s.sent), tt.tries)
				}
				if tt.means == nil {
					if err != nil {
						t.Error(err)
					}
					return
				}
				var failed *payments.Error
				var cause *payments.CredentialError
				if !errors.As(err, &failed) || !errors.As(err, &cause) || !errors.Is(err, payments.ErrCredentials) || !errors.Is(err, tt.means) {
					t.Fatalf("got %v, want %v", err, tt.means)
				}
				if len(s.sent) != 0 || failed.Attempts != 0 || failed.OutcomeUnknown() || cause.AccountSID != accountSID {
					t.Errorf("%d sent, want 0; %d attempts, want 0: %v", len(s.sent), failed.Attempts, err)
				}
				if tt.reason != cause.Reason && tt.reason != "" {
					t.Errorf("reason %q", cause.Reason)
				}
				for _, text := range []string{err.Error(), fmt.Sprintf("%+v %#v", err, cause), log.String()} {
					if strings.Contains(text, "marked-") || strings.Contains(text, clientID) || strings.Contains(text, "oauth.twilio.com") {
						t.Errorf("printed: %s", text)
					}
				}
			})
		})
	}
}

// TestOAuthServerHangs: a fetch is bounded, and a later call starts another.
func TestOAuthServerHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &authServer{life: 3600, takes: time.Hour}
		c := s.client(t, oauth)
		began := time.Now()
		err := create(t.Context(), c)
		if took := time.Since(began); took > 31*time.Second || !errors.Is(err, payments.ErrCredentials) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %s: %v, want payments.ErrCredentials", took, err)
		}
		s.mu.Lock()
		s.takes = 0
		s.mu.Unlock()
		if err := create(t.Context(), c); err != nil {
			t.Error(err)
		}
	})
}

// TestOAuthRenewsAfter401 revokes a token: the client renews it once and then
// fails, also for complete, which a 401 does not process, and without retries.
func TestOAuthRenewsAfter401(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &authServer{life: 3600}
		c := s.client(t, oauth, payments.WithMaxRetries(0))
		if err := create(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		s.good = nil // revoked
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				_, err := c.Update(t.Context(), callSID, paymentSID, payments.UpdateParams{StatusCallback: callback, Status: payments.StatusComplete})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if fetches, _ := s.tokens(); fetches != 2 {
			t.Errorf("%d fetches for 20 calls with one revoked token, want 2 with the first", fetches)
		}
		s.mu.Lock()
		s.refuseAll, s.sent = true, nil
		s.mu.Unlock()
		var info payments.ResponseInfo
		err := create(t.Context(), c, payments.WithResponseInfo(&info))
		if fetches, sent := s.tokens(); !errors.Is(err, payments.ErrAuthentication) || fetches != 3 || len(sent) != 2 || sent[0] == sent[1] || len(info.Attempts) != 2 {
			t.Errorf("%d (want 3) fetches, sent %q: %v, want payments.ErrAuthentication", fetches, sent, err)
		}
	})
}

// TestOAuthStaysWithItsAccountAndHost checks where tokens are fetched from and
// sent to.
func TestOAuthStaysWithItsAccountAndHost(t *testing.T) {
	t.Parallel()
	s := &authServer{life: 3600}
	c := s.client(t, oauth)
	if err := create(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := create(t.Context(), c, payments.WithBaseURL("https://mirror.example/twilio")); err != nil {
		t.Fatal(err)
	}
	api := "/2010-04-01/Accounts/" + accountSID + "/Calls/" + callSID + "/Payments.json"
	if got, want := fmt.Sprint(s.hosts), fmt.Sprint([]string{"oauth.twilio.com/v2/token", "api.twilio.com" + api, "mirror.example/twilio/v2/token", "mirror.example/twilio" + api}); got != want {
		t.Errorf("requests to %s, want %s", got, want)
	}
	want := url.Values{"client_id": {clientID}, "client_secret": {clientSecret}, "grant_type": {"client_credentials"}}
	if diff := cmp.Diff([]url.Values{want, want}, s.forms); diff != "" {
		t.Error(diff)
	}
	if s.sent[0] == s.sent[1] {
		t.Error("the token of one host was sent to another")
	}
	for name, opt := range map[string]payments.Option{"subaccount": payments.WithAccount(otherAccount), "us1 only": payments.WithRegion("ie1")} {
		if err := create(t.Context(), c, opt); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("want an error that names %s, got %v", name, err)
		}
	}
	if len(s.hosts) != 4 {
		t.Errorf("a refused call was sent: %q, want 4 of them", s.hosts)
	}
}
