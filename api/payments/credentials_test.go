package payments_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

func TestCredentialSource(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &authServer{good: map[string]time.Time{}}
		asked := map[string]int{}
		token := "one"
		c := s.client(t, payments.WithCredentialSource(func(ctx context.Context, account string) (payments.Credentials, error) {
			asked[account]++ // one call at a time for an account, and these follow one another
			if _, ok := ctx.Deadline(); !ok {
				t.Error("the source has no deadline")
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.good[account+token] = time.Now().Add(24 * time.Hour)
			return payments.Credentials{}.WithBearer(account+token, time.Time{}), nil
		}))
		if err := create(t.Context(), c); !errors.Is(err, payments.ErrInvalidParams) || !strings.Contains(err.Error(), "WithAccount") {
			t.Errorf("without an account: %v", err)
		}
		for range 3 {
			for _, account := range []string{accountSID, otherAccount} {
				if err := create(t.Context(), c, payments.WithAccount(account)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if asked[accountSID] != 1 || asked[otherAccount] != 1 {
			t.Errorf("asked %v", asked)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		time.Sleep(6 * time.Minute) // beyond the life
		if err := create(ended, c, payments.WithAccount(accountSID)); !errors.Is(err, context.Canceled) || asked[accountSID] != 1 {
			t.Errorf("with an ended context: asked %v, %v", asked, err)
		}
		if err := create(t.Context(), c, payments.WithAccount(accountSID)); err != nil || asked[accountSID] != 2 {
			t.Errorf("after six minutes: asked %v, %v", asked, err)
		}
		token = "two"
		s.mu.Lock()
		clear(s.good) // rotated
		s.mu.Unlock()
		if err := create(t.Context(), c, payments.WithAccount(accountSID)); err != nil || asked[accountSID] != 3 {
			t.Errorf("after a rotation: asked %v, %v", asked, err)
		}
	})
}

func TestCredentialSourceThatFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("no vault")
	for name, source := range map[string]payments.CredentialSource{
		"an error": func(context.Context, string) (payments.Credentials, error) { return payments.Credentials{}, broken },
		"a panic":  func(context.Context, string) (payments.Credentials, error) { panic("marked-panic") },
		"nothing":  func(context.Context, string) (payments.Credentials, error) { return payments.Credentials{}, nil },
		"what has expired": func(context.Context, string) (payments.Credentials, error) {
			return payments.Credentials{}.WithBearer("x", time.Now().Add(time.Second)), nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &authServer{}
			err := create(t.Context(), s.client(t, payments.WithCredentialSource(source), payments.WithAccount(accountSID)))
			if !errors.Is(err, payments.ErrCredentials) || len(s.hosts) != 0 || strings.Contains(err.Error(), "marked-") || errors.Is(err, broken) != (name == "an error") {
				t.Errorf("%d requests: %v", len(s.hosts), err)
			}
		})
	}
}

// TestSourcesOfAnyKind sends what a source returns as the kind that it is.
func TestSourcesOfAnyKind(t *testing.T) {
	t.Parallel()
	for want, creds := range map[string]payments.Credentials{
		"Basic QUNhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYTpvbmU=":     wire.NewCredentials("one", "two"),
		"Basic U0tkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZDpzZWNyZXQ=": wire.NewCredentials("one").WithAPIKey("SKdddddddddddddddddddddddddddddddd", "secret"),
		"Bearer token": wire.NewCredentials("one").WithBearer("token", time.Time{}),
	} {
		source := func(context.Context, string) (payments.Credentials, error) { return creds, nil }
		r := sentTo(t, nil, payments.WithCredentialSource(source), payments.WithAccount(accountSID))
		if got := r.Header.Get("Authorization"); got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
	}
}
