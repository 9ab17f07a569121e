// Package seal encrypts what buses store, with AES-256-GCM, and binds it to
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
	// ErrUnreadable means that the data was sealed with an unknown key, stored
	// without a key, or tampered with.
	ErrUnreadable = errors.New("sealed data cannot be opened")
	// ErrUnbound means that the data was sealed by a version that did not bind
	// it to where it is stored. It is not read: accepting it would let old data
	// be replayed forever.
	ErrUnbound = fmt.Errorf("%w: it is not bound to its place", ErrUnreadable)
)

// Sealer seals and opens what one kind of bus stores. The zero Sealer has no
// key and leaves data unchanged.
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

	// The first byte of sealed data. Unsealed data is JSON and starts with a
	// brace.
	version        = 2
	versionUnbound = 1
)

// New returns a sealer that seals with key, and opens what was sealed with key
// or an older one. Domain is the kind of bus: one kind cannot open what another
// has sealed.
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

// HasKey reports whether data is sealed.
func (s Sealer) HasKey() bool { return s.current != nil }

// Seal returns data sealed for a location, which must be given to [Sealer.Open]
// too: data moved to another location cannot be opened there. The store says
// where in the storage that is, and the name says which item there; each is one
// line of text.
func (s Sealer) Seal(data []byte, store, name string) []byte {
	if !s.HasKey() {
		return data
	}
	sealed := append([]byte{version}, s.current.id[:]...)
	return s.current.aead.Seal(sealed, nil, data, s.bound(store, name)) // #nosec G407 -- NewGCMWithRandomNonce makes the nonce
}

// Open returns the data that was given to [Sealer.Seal], or [ErrUnreadable].
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

// bound returns the additional data that seals are bound to. Names have no line
// feeds.
func (s Sealer) bound(store, name string) []byte {
	return []byte(s.domain + "\n" + store + "\n" + name)
}

// Format hides the keys from every verb.
func (s Sealer) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "sealer") }
