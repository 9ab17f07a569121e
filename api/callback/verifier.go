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
	errSignature  = errors.New("signature matches no auth token and form of the URL; behind a proxy, check WithPublicURL")
	errNoBodyHash = errors.New("body is not a form whose parameters are signed, and the URL has no bodySHA256 for it")
	errBodyHash   = errors.New("body does not match bodySHA256 of the URL")
	errAccount    = errors.New("account SID is malformed or repeated")
	errNoTokens   = errors.New("account has no auth tokens")
	errSlowSource = errors.New("token source took longer than the timeout and goes on")
	errLookups    = errors.New("too many calls of the token source go on")
)

// maxLookups is how many calls of a token source may go on at once. They have a
// bound of their own, far above maxLate: anyone can cause one without a
// signature, so forgeries must not take the room of what was verified. One that
// hangs holds a goroutine and no body.
const maxLookups = 16 << 10

// verifier checks signatures.
type verifier struct {
	keys    []*signature.Key // of fixed tokens
	source  TokenSource
	lookups atomic.Int64 // calls of source that go on
}

func newVerifier(c *config) *verifier {
	v := &verifier{keys: keysOf(c.tokens), source: c.source}
	c.tokens = nil // so that nothing that is printed has them
	return v
}

// tokens calls the user's function, whose error or panic makes the response 500, in
// a goroutine of its own: the sender is not held by one that ignores its context.
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
		if token != "" { // with an empty key anyone can sign
			keys = append(keys, signature.NewKey(token))
		}
	}
	return keys
}

// check returns nil when the request was signed with a token of this
// application, and otherwise a refusal. It notes the URL that was signed.
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
	// The parameters of a form are signed, whatever the URL says. What is signed
	// has no separators: were a form believed for a bodySHA256, a recorded one
	// could be moved into the query, with a hash of another form in its text.
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
