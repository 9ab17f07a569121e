package core

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// Derive returns n hexadecimal digits, at most 64, that depend on nothing but
// the seed and the parts, so that runs can be repeated whatever order requests
// come in.
func Derive(seed uint64, n int, parts ...string) string {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 160), seed)
	for _, p := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p))) // #nosec G115 -- the parts are SIDs and counters
		b = append(b, p...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])[:n]
}

// DeriveUUID is [Derive] in the form of a UUID.
func DeriveUUID(seed uint64, parts ...string) string {
	hex := Derive(seed, 32, parts...)
	return hex[:8] + "-" + hex[8:12] + "-" + hex[12:16] + "-" + hex[16:20] + "-" + hex[20:]
}
