package paymentstest

import (
	"crypto/sha256"
	"encoding/binary"
)

// hash spreads text over 64 bits.
func hash(text string) uint64 {
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(sum[:8])
}
