package callback

import (
	"crypto/hmac"
	"crypto/sha1" // #nosec G505 -- Twilio signs with HMAC-SHA1
	"crypto/subtle"
	"encoding/base64"
	"hash"
	"sync"
)

// key signs with one auth token. It keeps keyed hashes for use again: keying
// one costs half as much as a signature.
type key struct{ hashes sync.Pool }

func newKey(token string) *key {
	k := new(key)
	k.hashes.New = func() any { return &keyed{Hash: hmac.New(sha1.New, []byte(token))} }
	return k
}

// signatureLen is the length of a signature in base64.
const signatureLen = 28

// keyed is a hash and room for what comes out of it.
type keyed struct {
	hash.Hash
	sum       [sha1.Size]byte
	signature [signatureLen]byte
}

func (h *keyed) sign(message []byte) []byte {
	h.Reset()
	h.Write(message)
	base64.StdEncoding.Encode(h.signature[:], h.Sum(h.sum[:0]))
	return h.signature[:]
}

// sign returns the signature of one message.
func (k *key) sign(message []byte) string {
	h := k.hashes.Get().(*keyed)
	defer k.hashes.Put(h)
	return string(h.sign(message))
}

// verifies returns the form of the URL t that signature was made over with this
// key, followed by the parameters of m, and whether there is one. Each
// comparison takes the same time wherever the signatures differ. That a match
// ends the search tells nothing to a sender who has no valid signature: for him
// all are tried.
func (k *key) verifies(t target, m *message, signature []byte) (signed string, ok bool) {
	h := k.hashes.Get().(*keyed)
	defer k.hashes.Put(h)
	ports, np := t.ports()
	queries, nq := t.queries()
	for _, query := range queries[:nq] {
		for _, port := range ports[:np] {
			if subtle.ConstantTimeCompare(h.sign(m.over(t.head, port, t.path, query)), signature) == 1 {
				return t.head + port + t.path + query, true
			}
		}
	}
	return "", false
}
