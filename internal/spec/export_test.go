package spec

import (
	"crypto/sha256"
	"encoding/hex"
)

// Known is a document with a known origin, for tests.
var Known = []byte(`{"openapi": "3.0.1", "info": {"title": "made up", "version": "1"}, "paths": {}}`)

// KnownClaim is that origin.
var KnownClaim = Claim{
	Source: "https://example.com/made-up",
	Commit: "00112233445566778899aabbccddeeff00112233",
	Date:   "2026-01-02",
}

func init() {
	digest := sha256.Sum256(Known)
	known[hex.EncodeToString(digest[:])] = KnownClaim
}
