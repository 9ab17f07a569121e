package paymentstest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// derive returns n hexadecimal digits that depend on the seed and the parts
// alone, so that runs can be repeated whatever order requests come in.
func (s *Server) derive(n int, parts ...string) string {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 160), s.config.seed)
	for _, p := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p))) // #nosec G115 -- the parts are SIDs and counters
		b = append(b, p...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])[:n]
}

// hash spreads text over 64 bits.
func hash(text string) uint64 {
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(sum[:8])
}
