package callback

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"strings"
	"sync/atomic"

	"github.com/twiliopay/twiliopay-go/api/callback/internal/signature"
)

var (
	errSignature  = errors.New("signature does not match the URL and body with any auth token; behind a proxy, check WithPublicURL")
	errNoBodyHash = errors.New("body is not signed: it is not a form, and the URL has no bodySHA256 for it")
	errBodyHash   = errors.New("body does not match bodySHA256 of the URL")
	errAccount    = errors.New("account SID is malformed or repeated")
	errNoTokens   = errors.New("account has no auth tokens")
	errSlowSource = errors.New("token source exceeded the timeout and is still running")
	errLookups    = errors.New("too many calls of the token source are running")
)

// maxLookups is how many calls of a token source may run at once. This limit is
// separate from maxLate and far above it: anyone can cause a call without a
// signature, so forgeries must not use up the room for verified deliveries. A
// hanging call holds a goroutine but no body.
const maxLookups = 16 << 10

// verifier checks signatures.
type verifier struct {
	keys    []*signature.Key // of fixed tokens
	source  TokenSource
	lookups atomic.Int64 // running calls of source
}

func newVerifier(c *config) *verifier {
	v := &verifier{keys: keysOf(c.tokens), source: c.source}
	c.tokens = nil // so that printing a handler cannot show them
	return v
}

// tokens calls the user's function in its own goroutine, so that the sender does
// not wait for one that ignores its context. An error or panic makes the response
// 500.
func (v *verifier) tokens(ctx context.Context, account string) ([]string, error) {
	if v.lookups.Add(1) > maxLookups {
		v.lookups.Add(-1)
		return nil, refuse(unavailable, errLookups)
	}
	type found struct {
		tokens []string
		err    error
	}
	done := make(chan found, 1)
	go func() {
		f := found{err: errGoexit}
		defer func() {
			v.lookups.Add(-1)
			done <- f
		}()
		f.err = guard("token source: ", func() error {
			credentials, err := v.source(ctx, account)
			f.tokens = credentials.AuthTokens()
			return err
		})
	}()
	select {
	case f := <-done:
		return f.tokens, f.err
	case <-ctx.Done():
		return nil, errSlowSource
	}
}

func keysOf(tokens []string) []*signature.Key {
	keys := make([]*signature.Key, 0, len(tokens))
	for _, token := range tokens {
		if token != "" { // anyone can sign with an empty key
			keys = append(keys, signature.NewKey(token))
		}
	}
	return keys
}

// check returns nil if the request was signed with one of the tokens, otherwise
// the reason. It stores the signed URL in r.
func (v *verifier) check(ctx context.Context, r *received) error {
	t := signature.Cut(r.url)
	keys := v.keys
	if v.source != nil {
		account, err := r.accountSID(t)
		if err != nil {
			return err
		}
		tokens, err := v.tokens(ctx, account)
		if err != nil {
			return err
		}
		if keys = keysOf(tokens); len(keys) == 0 {
			return refuse(forbidden, errNoTokens)
		}
	}
	// A form's parameters are always signed. If bodySHA256 were accepted for a
	// form, a recorded form could be moved into the query, with the hash of another
	// form in its text.
	signed, sum := r.form, ""
	if r.media != mediaForm {
		sum, _ = t.Parameter("bodySHA256")
	}
	if r.media != mediaForm && len(r.body) > 0 && (sum == "" || r.media == mediaMultipart) {
		return refuse(forbidden, errNoBodyHash)
	}
	url, ok := signature.Verify(keys, t, signed, r.signature)
	if !ok {
		r.keys = keys
		return refuse(forbidden, errSignature)
	}
	r.signedURL = url
	if sum != "" && !hashes(sum, r.body) {
		return refuse(forbidden, errBodyHash)
	}
	return nil
}

// hashes reports whether sum is the SHA-256 of body in hexadecimal.
func hashes(sum string, body []byte) bool {
	want := sha256.Sum256(body)
	return subtle.ConstantTimeCompare([]byte(strings.ToLower(sum)), []byte(hex.EncodeToString(want[:]))) == 1
}
