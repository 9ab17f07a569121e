package payments_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
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
			asked[account]++ // needs no lock: one fetch runs at a time
			if _, ok := ctx.Deadline(); !ok {
				t.Error("the source has no deadline")
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.good[account+token] = time.Now().Add(24 * time.Hour)
			return payments.Credentials{}.WithBearer(account+token, time.Time{}), nil
		}))
		if err := create(t.Context(), c); !errors.Is(err, payments.ErrInvalidParams) || !strings.Contains(err.Error(), "WithAccount") {
			t.Errorf("without an account: %v, want payments.ErrInvalidParams", err)
		}
		for range 3 {
			for _, account := range []string{accountSID, otherAccount} {
				if err := create(t.Context(), c, payments.WithAccount(account)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if asked[accountSID] != 1 || asked[otherAccount] != 1 {
			t.Errorf("fetched %v", asked)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		time.Sleep(6 * time.Minute) // beyond the life
		if err := create(ended, c, payments.WithAccount(accountSID)); !errors.Is(err, context.Canceled) || asked[accountSID] != 1 {
			t.Errorf("with an ended context: fetched %v, %v, want context.Canceled", asked, err)
		}
		if err := create(t.Context(), c, payments.WithAccount(accountSID)); err != nil || asked[accountSID] != 2 {
			t.Errorf("after six minutes: fetched %v, %v", asked, err)
		}
		token = "two"
		s.mu.Lock()
		clear(s.good) // rotated
		s.mu.Unlock()
		if err := create(t.Context(), c, payments.WithAccount(accountSID)); err != nil || asked[accountSID] != 3 {
			t.Errorf("after a rotation: fetched %v, %v", asked, err)
		}
	})
}

func TestCredentialSourceFailures(t *testing.T) {
	t.Parallel()
	broken := errors.New("no vault")
	for name, source := range map[string]payments.CredentialSource{
		"an error": func(context.Context, string) (payments.Credentials, error) { return payments.Credentials{}, broken },
		"a panic":  func(context.Context, string) (payments.Credentials, error) { panic("marked-panic") },
		"a nil pointer as an error": func(context.Context, string) (payments.Credentials, error) {
			return payments.Credentials{}, (*net.DNSError)(nil)
		},
		"a nil pointer of this package": func(context.Context, string) (payments.Credentials, error) {
			return payments.Credentials{}, (*payments.CredentialError)(nil)
		},
		"nothing": func(context.Context, string) (payments.Credentials, error) { return payments.Credentials{}, nil },
		"expired ones": func(context.Context, string) (payments.Credentials, error) {
			return payments.Credentials{}.WithBearer("x", time.Now().Add(time.Second)), nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &authServer{}
			err := create(t.Context(), s.client(t, payments.WithCredentialSource(source), payments.WithAccount(accountSID)))
			if !errors.Is(err, payments.ErrCredentials) || len(s.hosts) != 0 || strings.Contains(err.Error(), "marked-") || errors.Is(err, broken) != (name == "an error") {
				t.Errorf("%d requests, want 0: %v, want payments.ErrCredentials", len(s.hosts), err)
			}
		})
	}
}

// TestSourcesOfAnyKind sends auth tokens, API keys and access tokens of a source.
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

// TestASourceForOneCall: a call with its own source and no account does not fall
// back to the client's account and server.
func TestASourceForOneCall(t *testing.T) {
	t.Setenv("TWILIO_ACCOUNT_SID", "")
	s := &authServer{}
	c := s.client(t, payments.WithCredentials(accountSID, authToken), payments.WithBaseURL("https://a.example"))
	source := payments.WithCredentialSource(func(context.Context, string) (payments.Credentials, error) {
		return wire.NewCredentials("another"), nil
	})
	if err := create(t.Context(), c, payments.WithBaseURL("https://b.example"), source); !errors.Is(err, payments.ErrInvalidParams) || len(s.hosts) != 0 {
		t.Errorf("sent to %q: %v, want payments.ErrInvalidParams", s.hosts, err)
	}
}

// TestASourceThatNeverReturns: calls stop waiting for it, and a later call calls it
// again.
func TestASourceThatNeverReturns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &authServer{good: map[string]time.Time{"token": time.Now().Add(24 * time.Hour)}}
		var asked atomic.Int32
		release := make(chan struct{})
		c := s.client(t, payments.WithAccount(accountSID), payments.WithCredentialSource(func(context.Context, string) (payments.Credentials, error) {
			if asked.Add(1) == 1 {
				<-release // ignores its context
			}
			return payments.Credentials{}.WithBearer("token", time.Time{}), nil
		}))
		began := time.Now()
		if err := create(t.Context(), c); !errors.Is(err, payments.ErrCredentials) || time.Since(began) > 32*time.Second {
			t.Errorf("after %s: %v, want payments.ErrCredentials", time.Since(began), err)
		}
		if err := create(t.Context(), c); err != nil || asked.Load() != 2 {
			t.Errorf("called %d times, want 2: %v", asked.Load(), err)
		}
		close(release)
		synctest.Wait()
	})
}

// TestARotationDuringAFetch: a fetch in the background has read the old credentials
// when they are rotated. A call that gets a 401 does not fail with its result, but
// calls the source again.
func TestARotationDuringAFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		far := time.Now().Add(24 * time.Hour)
		s := &authServer{good: map[string]time.Time{"old": far}}
		var current atomic.Value
		current.Store("old")
		var asked, running atomic.Int32
		c := s.client(t, payments.WithAccount(accountSID), payments.WithCredentialSource(func(context.Context, string) (payments.Credentials, error) {
			if running.Add(1) > 1 {
				t.Error("two fetches run at once")
			}
			defer running.Add(-1)
			token := current.Load().(string)
			if asked.Add(1) == 2 {
				time.Sleep(10 * time.Second)
			}
			return payments.Credentials{}.WithBearer(token, time.Time{}), nil
		}))
		if err := create(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		time.Sleep(4*time.Minute + time.Second) // four fifths of the life
		if err := create(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		current.Store("new")
		s.mu.Lock()
		clear(s.good)
		s.good["new"] = far
		s.mu.Unlock()
		errs := make(chan error)
		for range 5 {
			go func() { errs <- create(t.Context(), c) }()
		}
		for range 5 {
			if err := <-errs; err != nil {
				t.Errorf("after the rotation: %v", err)
			}
		}
		if asked.Load() != 3 {
			t.Errorf("the source was called %d times, want 3", asked.Load())
		}
	})
}

// TestEveryTokenOfACallIsHidden: the source replaces a token between two attempts,
// the second is never made, and the error of the first, which quotes its token, is
// part of the call's error.
func TestEveryTokenOfACallIsHidden(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		source := payments.WithCredentialSource(func(context.Context, string) (payments.Credentials, error) {
			n++
			return payments.Credentials{}.WithBearer(fmt.Sprintf("marked-token-%d", n), time.Now().Add(10*time.Second+time.Nanosecond)), nil
		})
		type key struct{}
		failed := make(chan struct{})
		transport := roundTrip(func(r *http.Request) (*http.Response, error) {
			switch r.Context().Value(key{}) {
			case "limited":
				return response(http.StatusTooManyRequests, "{}"), nil
			case "failing":
				close(failed)
				return nil, fmt.Errorf("cannot send %s", r.Header.Get("Authorization"))
			}
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		c, err := payments.NewClient(source, payments.WithAccount(accountSID), payments.WithHTTPClient(&http.Client{Transport: transport}))
		if err != nil {
			t.Fatal(err)
		}
		call := func(name string, within time.Duration) error {
			ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), key{}, name), within)
			defer cancel()
			return create(ctx, c)
		}
		_ = call("limited", time.Nanosecond) // from now on, one attempt at a time
		go func() {
			<-failed
			_ = call("waiting", 7*time.Second)
		}()
		if err = call("failing", 5*time.Second); !strings.Contains(err.Error(), "cannot send") || strings.Contains(err.Error(), "marked-") {
			t.Error(err)
		}
		synctest.Wait()
	})
}

// TestErrorsOfSources: a source's error is wrapped and never changed.
func TestErrorsOfSources(t *testing.T) {
	t.Parallel()
	shared := &payments.CredentialError{AccountSID: "of another", Status: 400}
	s := &authServer{}
	c := s.client(t, payments.WithCredentialSource(func(context.Context, string) (payments.Credentials, error) {
		return payments.Credentials{}, fmt.Errorf("vault sealed: %w", shared)
	}))
	err := create(t.Context(), c, payments.WithAccount(accountSID))
	if shared.AccountSID != "of another" || !strings.Contains(err.Error(), "vault sealed") || !strings.Contains(err.Error(), accountSID) {
		t.Errorf("shared %+v: %v", shared, err)
	}
	for _, other := range []error{payments.ErrInvalidParams, payments.ErrNotFound, payments.ErrPermission} {
		for _, status := range []int{400, 403, 404} {
			if errors.Is(&payments.CredentialError{Status: status}, other) {
				t.Errorf("status %d of the OAuth server matches %v", status, other)
			}
		}
	}
}

// TestATransportThatQuotesTheRequest: its error shows neither the client secret
// nor a token that was replaced.
func TestATransportThatQuotesTheRequest(t *testing.T) {
	t.Parallel()
	quoting := roundTripper(func(r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		return nil, fmt.Errorf("no recorded response for %s", body)
	})
	c, err := payments.NewClient(oauth, payments.WithMaxRetries(0), payments.WithHTTPClient(&http.Client{Transport: quoting}))
	if err != nil {
		t.Fatal(err)
	}
	if err := create(t.Context(), c); !errors.Is(err, payments.ErrCredentials) || strings.Contains(err.Error(), "marked-") {
		t.Error(err)
	}
	n := 0
	echoing := roundTripper(func(r *http.Request) (*http.Response, error) {
		return response(http.StatusUnauthorized, `{"message":"bad `+r.Header.Get("Authorization")+`"}`), nil
	})
	source := payments.WithCredentialSource(func(context.Context, string) (payments.Credentials, error) {
		if n++; n > 1 {
			return payments.Credentials{}, errors.New("no vault")
		}
		return payments.Credentials{}.WithBearer("marked-first-token", time.Time{}), nil
	})
	if c, err = payments.NewClient(source, payments.WithAccount(accountSID), payments.WithHTTPClient(&http.Client{Transport: echoing})); err != nil {
		t.Fatal(err)
	}
	if err := create(t.Context(), c); err == nil || strings.Contains(err.Error(), "marked-") {
		t.Error(err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
