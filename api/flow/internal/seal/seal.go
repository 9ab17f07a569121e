// Package seal encrypts what buses store, with AES-256-GCM, bound to the place
// where it is stored.
package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
)

var (
	// ErrUnreadable means that the data was sealed with a key that is not given, was stored
	// without a key, or was tampered with.
	ErrUnreadable = errors.New("sealed data cannot be opened")
	// ErrUnbound means that the data was sealed before it was bound to where it is
	// stored. It is not read: that would let old data in for ever.
	ErrUnbound = fmt.Errorf("%w: it is not bound to its place", ErrUnreadable)
)

// Sealer seals and opens what a kind of bus stores. The zero Sealer has no key
// and leaves things as they are.
type Sealer struct {
	domain  string
	current *sealKey
	all     []*sealKey
}

// sealKey is a key and the name by which sealed data refers to it.
type sealKey struct {
	id   [keyIDSize]byte
	aead cipher.AEAD
}

const (
	keySize   = 32
	keyIDSize = 4

	// The first byte of sealed data. What is not sealed is JSON and begins with a
	// brace.
	version        = 2
	versionUnbound = 1
)

// New returns a sealer that seals with key, and opens what was sealed with key
// or an older one. Domain is the kind of bus: what one kind has sealed, another
// does not open.
func New(domain string, key []byte, older [][]byte) (Sealer, error) {
	s := Sealer{domain: domain}
	for _, k := range append([][]byte{key}, older...) {
		if len(k) != keySize {
			return Sealer{}, fmt.Errorf("WithKey: needs keys of %d bytes", keySize)
		}
		block, err := aes.NewCipher(k)
		if err != nil {
			return Sealer{}, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return Sealer{}, err
		}
		sum := sha256.Sum256(append([]byte(domain+" key "), k...))
		s.all = append(s.all, &sealKey{id: [keyIDSize]byte(sum[:]), aead: aead})
	}
	s.current = s.all[0]
	return s, nil
}

// HasKey reports whether anything is sealed.
func (s Sealer) HasKey() bool { return s.current != nil }

// Seal returns data sealed for a place, which [Sealer.Open] must name: data that
// is moved to another place cannot be opened there. A place is a line of text for
// where in the store, and one for what there.
func (s Sealer) Seal(data []byte, store, name string) []byte {
	if !s.HasKey() {
		return data
	}
	sealed := append([]byte{version}, s.current.id[:]...)
	return s.current.aead.Seal(sealed, nil, data, s.bound(store, name)) // #nosec G407 -- NewGCMWithRandomNonce makes the nonce
}

// Open returns what [Sealer.Seal] was given, or [ErrUnreadable].
func (s Sealer) Open(sealed []byte, store, name string) ([]byte, error) {
	if !s.HasKey() {
		if len(sealed) > 0 && sealed[0] <= version {
			return nil, ErrUnreadable
		}
		return sealed, nil
	}
	switch {
	case len(sealed) < 1+keyIDSize:
		return nil, ErrUnreadable
	case sealed[0] == versionUnbound:
		return nil, ErrUnbound
	case sealed[0] != version:
		return nil, ErrUnreadable
	}
	for _, k := range s.all {
		if bytes.Equal(sealed[1:1+keyIDSize], k.id[:]) {
			if data, err := k.aead.Open(nil, nil, sealed[1+keyIDSize:], s.bound(store, name)); err == nil {
				return data, nil
			}
		}
	}
	return nil, ErrUnreadable
}

// bound is what sealed data is bound to; names have no line feeds.
func (s Sealer) bound(store, name string) []byte {
	return []byte(s.domain + "\n" + store + "\n" + name)
}

// Format hides the keys from every verb.
func (s Sealer) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "sealer") }
