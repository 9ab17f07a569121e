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

// verifies returns the first of forms, forms of one URL, that signature was made
// over with this key, followed by the parameters of m, and whether there is one.
// Each comparison takes the same time wherever the signatures differ. That a
// match ends the search tells nothing to a sender who has no valid signature:
// for him all are tried.
func (k *key) verifies(forms []target, m *message, signature []byte) (signed string, ok bool) {
	h := k.hashes.Get().(*keyed)
	defer k.hashes.Put(h)
	for _, form := range forms {
		text := m.over(form)
		if subtle.ConstantTimeCompare(h.sign(text), signature) == 1 {
			return string(text[:len(text)-len(m.parameters)]), true
		}
	}
	return "", false
}
