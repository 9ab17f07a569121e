package signature

import (
	"crypto/hmac"
	"crypto/sha1" // #nosec G505 -- Twilio signs with HMAC-SHA1
	"crypto/subtle"
	"encoding/base64"
	"hash"
	"sync"
)

// Key signs with one auth token. It pools keyed hashes: keying one costs half as
// much as a signature.
type Key struct{ hashes sync.Pool }

// NewKey returns the key of an auth token.
func NewKey(token string) *Key {
	k := new(Key)
	k.hashes.New = func() any { return &keyed{Hash: hmac.New(sha1.New, []byte(token))} }
	return k
}

// Len is the length of a signature in base64.
const Len = 28

// keyed is a keyed hash with buffers for its results.
type keyed struct {
	hash.Hash
	sum       [sha1.Size]byte
	signature [Len]byte
}

func (h *keyed) sign(message []byte) []byte {
	h.Reset()
	h.Write(message)
	base64.StdEncoding.Encode(h.signature[:], h.Sum(h.sum[:0]))
	return h.signature[:]
}

// Sign returns the signature of one message.
func (k *Key) Sign(message []byte) string {
	h := k.hashes.Get().(*keyed)
	defer k.hashes.Put(h)
	return string(h.sign(message))
}

// Verifies returns the first of forms, all of one URL, for which signature was made
// with this key over the form and the parameters of m, and whether there is one.
// Each comparison takes constant time. Ending the search at a match reveals nothing
// to a sender without a valid signature, for whom all forms are tried.
func (k *Key) Verifies(forms []URL, m *Message, signature []byte) (signed string, ok bool) {
	h := k.hashes.Get().(*keyed)
	defer k.hashes.Put(h)
	for _, form := range forms {
		text := m.Over(form)
		if subtle.ConstantTimeCompare(h.sign(text), signature) == 1 {
			return string(text[:len(text)-len(m.parameters)]), true
		}
	}
	return "", false
}

// Verify returns the form of the URL that was signed with one of keys. Derived
// forms are computed only if none of the written ones matches.
func Verify(keys []*Key, u URL, signed Form, signature []byte) (url string, ok bool) {
	m := NewMessage(signed)
	defer m.Free()
	written, n := u.Written()
	for _, key := range keys {
		if url, ok := key.Verifies(written[:n], m, signature); ok {
			return url, true
		}
	}
	derived, n := u.derived(written[:n])
	for _, key := range keys {
		if url, ok := key.Verifies(derived[:n], m, signature); ok {
			return url, true
		}
	}
	return "", false
}
