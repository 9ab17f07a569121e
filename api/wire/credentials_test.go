package wire_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twiliopay/twiliopay-go/api/wire"
)

func TestCredentialsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]wire.Credentials{
		"tokens":  wire.NewCredentials("tok_SECRET", "other_SECRET"),
		"API key": wire.NewCredentials("tok_SECRET").WithAPIKey("SKa", "key_SECRET"),
		"bearer":  wire.Credentials{}.WithBearer("bearer_SECRET", time.Now()),
		"nothing": {},
	} {
		text := printed(t, c)
		for _, secret := range []string{"tok_SECRET", "other_SECRET", "key_SECRET", "bearer_SECRET", "dG9rX1NFQ1JFVA", "a2V5X1NFQ1JFVA"} {
			if shows(text, secret) {
				t.Errorf("%s: %s is printed", name, secret)
			}
		}
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	tokens := []string{"one", "two"}
	c := wire.NewCredentials(tokens...)
	tokens[0] = "changed"
	type shown struct {
		Header, Secret string
		Tokens         []string
	}
	for name, tt := range map[string]struct {
		c    wire.Credentials
		want shown
	}{
		"tokens":             {c, shown{"Basic QUMxOm9uZQ==", "one", []string{"one", "two"}}},
		"API key":            {c.WithAPIKey("SK1", "s"), shown{"Basic U0sxOnM=", "s", []string{"one", "two"}}},
		"bearer":             {c.WithBearer("b", time.Time{}), shown{"Bearer b", "b", []string{"one", "two"}}},
		"the last counts":    {c.WithAPIKey("SK1", "s").WithBearer("b", time.Time{}), shown{"Bearer b", "b", []string{"one", "two"}}},
		"no secret, a token": {c.WithAPIKey("SK1", ""), shown{Tokens: []string{"one", "two"}}},
		"no bearer, a token": {c.WithBearer("", time.Time{}), shown{Tokens: []string{"one", "two"}}},
		"no secret":          {wire.Credentials{}.WithAPIKey("SK1", ""), shown{}},
		"no bearer":          {wire.Credentials{}.WithBearer("", time.Time{}), shown{}},
		"an empty token":     {wire.NewCredentials(""), shown{Tokens: []string{""}}},
		"zero":               {wire.Credentials{}, shown{}},
	} {
		var got shown
		got.Header, got.Secret = tt.c.Authorization("AC1")
		got.Tokens = tt.c.AuthTokens()
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if at := time.Unix(1, 0); !c.WithBearer("b", at).Expires().Equal(at) || !c.Expires().IsZero() {
		t.Error("wrong expiry")
	}
}
