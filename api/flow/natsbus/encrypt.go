package natsbus

import (
	"errors"
	"fmt"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/flow/internal/seal"
)

// ErrUnreadable means that something on the bus cannot be decrypted: it was
// sealed with an unknown key, stored without a key, or tampered with. It matches
// flow.ErrFormat.
var ErrUnreadable = fmt.Errorf("%w: natsbus: cannot decrypt it; do all machines have the same keys?", flow.ErrFormat)

// errUnbound means that data was sealed before it was bound to its stream:
// anyone who can write could have moved it from another stream or bucket.
var errUnbound = fmt.Errorf("%w (sealed by an older version of natsbus, which did not bind it to its stream)", ErrUnreadable)

// sealer seals data for the place where it is stored, and opens it.
type sealer struct{ seal.Sealer }

// place is where data is stored, to which the seal binds it: a stream or
// bucket, and a subject or key in it.
type place struct{ stream, subject string }

func newSealer(key []byte, older [][]byte) (sealer, error) {
	s, err := seal.New("natsbus", key, older)
	return sealer{s}, err
}

func (s sealer) hasKey() bool { return s.HasKey() }

func (s sealer) seal(data []byte, at place) []byte { return s.Seal(data, at.stream, at.subject) }

func (s sealer) open(sealed []byte, at place) ([]byte, error) {
	data, err := s.Open(sealed, at.stream, at.subject)
	switch {
	case errors.Is(err, seal.ErrUnbound):
		return nil, errUnbound
	case err != nil:
		return nil, ErrUnreadable
	}
	return data, nil
}
