package core

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// Derive returns a prefix and n hexadecimal digits, at most 64. They depend on the
// seed and the parts only, so that a run can be repeated with its requests in another
// order.
func Derive(seed uint64, prefix string, n int, parts ...string) string {
	text := append(make([]byte, 0, 80), prefix...)
	sum := digest(seed, parts)
	return string(hex.AppendEncode(text, sum[:])[:len(prefix)+n])
}

// DeriveUUID is [Derive] in the form of a UUID.
func DeriveUUID(seed uint64, parts ...string) string {
	sum := digest(seed, parts)
	text := make([]byte, 0, 36)
	for i, part := range [][]byte{sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16]} {
		if i > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, part)
	}
	return string(text)
}

func digest(seed uint64, parts []string) [sha256.Size]byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 160), seed)
	for _, p := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p))) // #nosec G115 -- the parts are SIDs and counters
		b = append(b, p...)
	}
	return sha256.Sum256(b)
}
