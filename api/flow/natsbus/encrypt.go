package natsbus

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
)

// ErrUnreadable tells that something on the bus cannot be opened: it was sealed
// with a key that is not given, was stored without a key, or was tampered with.
var ErrUnreadable = errors.New("natsbus: cannot be opened; do all machines have the same keys?")

// sealer seals and opens what is stored. The zero sealer has no key and leaves
// things as they are.
type sealer struct {
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
	version   = 2 // the first byte of sealed data; JSON begins with a brace

	// versionUnbound data was bound to its session and not to its stream, so that
	// whoever could write could move it to another stream or bucket. It is not
	// read: that would let old data in for ever.
	versionUnbound = 1
)

// errUnbound says that data was sealed before it was bound to its stream.
var errUnbound = fmt.Errorf("%w (sealed by an older version of natsbus, which did not bind it to its stream)", ErrUnreadable)

// place is where data is stored, which it is sealed for: a stream or bucket, and
// a subject or key of it.
type place struct{ stream, subject string }

func (p place) bytes() []byte { return []byte("natsbus\n" + p.stream + "\n" + p.subject) } // names have no line feeds

func newSealer(key []byte, older [][]byte) (s sealer, err error) {
	for _, k := range append([][]byte{key}, older...) {
		if len(k) != keySize {
			return sealer{}, fmt.Errorf("WithKey needs keys of %d bytes", keySize)
		}
		block, err := aes.NewCipher(k)
		if err != nil {
			return sealer{}, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return sealer{}, err
		}
		sum := sha256.Sum256(append([]byte("natsbus key "), k...))
		s.all = append(s.all, &sealKey{id: [keyIDSize]byte(sum[:]), aead: aead})
	}
	s.current = s.all[0]
	return s, nil
}

func (s sealer) hasKey() bool { return s.current != nil }

// seal returns data sealed for a place, which open must name: data that is
// moved to another place cannot be opened there.
func (s sealer) seal(data []byte, at place) []byte {
	if !s.hasKey() {
		return data
	}
	sealed := append([]byte{version}, s.current.id[:]...)
	return s.current.aead.Seal(sealed, nil, data, at.bytes()) // #nosec G407 -- NewGCMWithRandomNonce makes the nonce
}

func (s sealer) open(sealed []byte, at place) ([]byte, error) {
	if !s.hasKey() {
		if len(sealed) > 0 && sealed[0] <= version {
			return nil, ErrUnreadable
		}
		return sealed, nil
	}
	switch {
	case len(sealed) < 1+keyIDSize:
		return nil, ErrUnreadable
	case sealed[0] == versionUnbound:
		return nil, errUnbound
	case sealed[0] != version:
		return nil, ErrUnreadable
	}
	for _, k := range s.all {
		if bytes.Equal(sealed[1:1+keyIDSize], k.id[:]) {
			if data, err := k.aead.Open(nil, nil, sealed[1+keyIDSize:], at.bytes()); err == nil {
				return data, nil
			}
		}
	}
	return nil, ErrUnreadable
}

// Format hides the keys from every verb.
func (s sealer) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "sealer") }
