package paymentstest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

const (
	oauthSub = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	appID    = "OQffffffffffffffffffffffffffffffff"
	appOfSub = "OQeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
)

func oauthClient(t *testing.T, srv *paymentstest.Server, account, id string, opts ...payments.Option) *payments.Client {
	t.Helper()
	client, err := payments.NewClient(append(append(srv.ClientOptions(), payments.WithOAuth(account, id, "marked-secret")), opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func createBy(ctx context.Context, srv *paymentstest.Server, client *payments.Client, opts ...payments.Option) error {
	_, err := client.Create(ctx, srv.NewCall().SID, payments.CreateParams{StatusCallback: statusURL}, opts...)
	return err
}

// fetches counts the requests for an access token.
func fetches(srv *paymentstest.Server) (n int) {
	for _, r := range srv.Requests() {
		if r.Operation == paymentstest.FetchToken {
			n++
		}
	}
	return n
}

func TestOAuth(t *testing.T) {
	t.Parallel()
	clock := paymentstest.NewManualClock(time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC))
	srv := paymentstest.NewServer(t, paymentstest.WithClock(clock), paymentstest.WithSubaccount(oauthSub, "t"),
		paymentstest.WithOAuthApp(paymentstest.OAuthApp{ClientID: appID, ClientSecret: "marked-secret", TokenLife: time.Minute}))
	client := oauthClient(t, srv, srv.AccountSID(), appID)
	for range 3 {
		if err := createBy(t.Context(), srv, client); err != nil {
			t.Fatal(err)
		}
	}
	if n := fetches(srv); n != 1 {
		t.Errorf("%d fetches for three calls, want 1", n)
	}
	clock.Advance(time.Minute) // expired at the server only: the client gets a 401
	if err := createBy(t.Context(), srv, client); err != nil || fetches(srv) != 2 {
		t.Errorf("after the token expired: %v, %d fetches, want 2", err, fetches(srv))
	}
	srv.RevokeTokens()
	if err := createBy(t.Context(), srv, client); err != nil || fetches(srv) != 3 {
		t.Errorf("after it was revoked: %v, %d fetches, want 3", err, fetches(srv))
	}
	// Each account needs an app of its own; a token opens no other account.
	if err := srv.AddOAuthApp(paymentstest.OAuthApp{AccountSID: oauthSub, ClientID: appOfSub, ClientSecret: "marked-secret"}); err != nil {
		t.Fatal(err)
	}
	if err := createBy(t.Context(), srv, oauthClient(t, srv, oauthSub, appOfSub)); err != nil {
		t.Errorf("a subaccount's app: %v", err)
	}
	for _, account := range []string{srv.AccountSID(), oauthSub} {
		other := map[string]string{srv.AccountSID(): appOfSub, oauthSub: appID}[account]
		if err := createBy(t.Context(), srv, oauthClient(t, srv, account, other)); !errors.Is(err, payments.ErrAuthentication) {
			t.Errorf("the app of another account: %v, want payments.ErrAuthentication", err)
		}
	}
	if err := srv.AddOAuthApp(paymentstest.OAuthApp{ClientID: appID, ClientSecret: "marked-secret", Lacks: []string{"/twilio/voice/payments/create"}}); err != nil {
		t.Fatal(err)
	}
	err := createBy(t.Context(), srv, client)
	var e *payments.Error
	if !errors.As(err, &e) || !errors.Is(err, payments.ErrPermission) || e.Code != 70051 || cmp.Diff([]string{"/twilio/voice/payments/create"}, e.Permissions) != "" {
		t.Errorf("without a permission: %v, want payments.ErrPermission", err)
	}
}

// TestOAuthFaults breaks the first fetch in every way; the client retries it.
func TestOAuthFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]paymentstest.Fault{
		"503": paymentstest.Refuse(503, 20503, "down"), "429": paymentstest.TooManyRequests("0"),
		"reset": paymentstest.Reset(), "reset after": paymentstest.Reset().AfterCommit(), "half a body": paymentstest.HalfBody(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := paymentstest.NewServer(t, paymentstest.WithFaults(paymentstest.On(paymentstest.FetchToken, 1, fault)),
				paymentstest.WithOAuthApp(paymentstest.OAuthApp{ClientID: appID, ClientSecret: "marked-secret"}))
			if err := createBy(t.Context(), srv, oauthClient(t, srv, srv.AccountSID(), appID)); err != nil || fetches(srv) != 2 {
				t.Errorf("%v after %d fetches, want 2", err, fetches(srv))
			}
		})
	}
}

func TestOAuthRefuses(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t, paymentstest.WithOAuthApp(paymentstest.OAuthApp{ClientID: appID, ClientSecret: "marked-secret"}))
	good := url.Values{"client_id": {appID}, "client_secret": {"marked-secret"}, "grant_type": {"client_credentials"}}
	with := func(key, value string) url.Values {
		form := url.Values{}
		for k, v := range good {
			form[k] = v
		}
		form.Set(key, value)
		return form
	}
	for name, tt := range map[string]struct {
		form   url.Values
		status int
		reason string
	}{
		"good":           {good, 200, ""},
		"a wrong secret": {with("client_secret", "x"), 401, "invalid_client"},
		"no secret":      {with("client_secret", ""), 401, "invalid_client"},
		"an unknown app": {with("client_id", appOfSub), 401, "invalid_client"},
		"another grant":  {with("grant_type", "password"), 400, "unsupported_grant_type"},
		"nothing":        {nil, 400, "unsupported_grant_type"},
	} {
		resp, err := srv.Client().PostForm(srv.URL+"/v2/token", tt.form)
		if err != nil {
			t.Fatal(err)
		}
		var body struct {
			Error     string
			ExpiresIn int `json:"expires_in"`
		}
		err = json.NewDecoder(resp.Body).Decode(&body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != tt.status || body.Error != tt.reason || (tt.status == 200) != (body.ExpiresIn == 3600) {
			t.Errorf("%s: %d (want %d) %+v %v", name, resp.StatusCode, tt.status, body, err)
		}
	}
	for want, app := range map[string]paymentstest.OAuthApp{
		"account SID":   {AccountSID: "AC1", ClientID: appID, ClientSecret: "s"},
		"client ID":     {ClientID: "SK1", ClientSecret: "s"},
		"client secret": {ClientID: appID},
		"token life":    {ClientID: appID, ClientSecret: "s", TokenLife: time.Second},
	} {
		if err := srv.AddOAuthApp(app); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
		if _, err := paymentstest.Start(paymentstest.WithOAuthApp(app)); err == nil {
			t.Errorf("%s: the option accepts it, want an error", want)
		}
	}
}

// TestOAuthIsShownNowhere searches everything that is kept for secrets and tokens.
func TestOAuthIsShownNowhere(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t, paymentstest.WithOAuthApp(paymentstest.OAuthApp{ClientID: appID, ClientSecret: "marked-secret"}))
	if err := createBy(t.Context(), srv, oauthClient(t, srv, srv.AccountSID(), appID)); err != nil {
		t.Fatal(err)
	}
	texts := fmt.Sprintf("%+v %#v", srv.Requests(), srv.Snapshot())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	entries := 0
	last := srv.Snapshot().Number
	for e := range srv.Watch(ctx, 0) {
		data, err := json.Marshal(e)
		if err != nil {
			t.Error(err)
		}
		texts += string(data)
		if entries++; e.Number >= last {
			cancel()
		}
	}
	if entries < 4 || !strings.Contains(texts, "/v2/token") {
		t.Fatalf("%d entries: nothing to search", entries)
	}
	for _, secret := range []string{"marked-secret", "simulated.", "Bearer", "client_secret"} {
		if i := strings.Index(texts, secret); i >= 0 {
			t.Errorf("%s is shown: …%s…", secret, texts[max(0, i-80):i+20])
		}
	}
}

// TestAccountsWhileTheServerRuns adds a subaccount, and rotates the tokens of both
// accounts while a client uses them.
func TestAccountsWhileTheServerRuns(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t)
	tokens := map[string]string{srv.AccountSID(): srv.AuthToken(), oauthSub: "sub-token-1"}
	client, err := payments.NewClient(append(srv.ClientOptions(), payments.WithCredentialSource(func(_ context.Context, account string) (payments.Credentials, error) {
		return wire.NewCredentials(tokens[account]), nil
	}))...)
	if err != nil {
		t.Fatal(err)
	}
	both := func(want error) {
		t.Helper()
		for account := range tokens {
			if err := createBy(t.Context(), srv, client, payments.WithAccount(account)); want == nil && err != nil || !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", account, err, want)
			}
		}
	}
	if err := srv.AddAccount(oauthSub, "sub-token-1"); err != nil {
		t.Fatal(err)
	}
	both(nil)
	for account := range tokens {
		if err := srv.AddAccount(account, "rotated-token"); err != nil {
			t.Fatal(err)
		}
	}
	both(payments.ErrAuthentication) // the source still has the old ones
	tokens[srv.AccountSID()], tokens[oauthSub] = "rotated-token", "rotated-token"
	both(nil)
	if srv.AuthToken() != "rotated-token" {
		t.Error("AuthToken is the old one")
	}
	if err := srv.AddAccount("AC1", "t"); err == nil {
		t.Error("a malformed SID was accepted")
	}
}
