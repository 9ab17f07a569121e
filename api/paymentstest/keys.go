package paymentstest

import (
	"crypto/sha256"
	"net/http"
	"net/url"
)

// keyID names an idempotency key: keys belong to an account.
type keyID struct{ account, key string }

// keyUse is the request that used a key first, and its answer.
type keyUse struct {
	request [sha256.Size]byte
	answer  answer
	session string
}

// fingerprint tells requests apart that share a key: operation, path and form.
func fingerprint(op Operation, callSID, sid string, form url.Values) [sha256.Size]byte {
	return sha256.Sum256([]byte(string(op) + "\n" + callSID + "\n" + sid + "\n" + form.Encode()))
}

// replay returns the answer for a key that was used before: the first answer for
// the same request, a refusal for another one. The caller holds the lock.
func (s *Server) replay(id keyID, request [sha256.Size]byte) (use keyUse, known bool, refusal answer) {
	use, known = s.keys[id]
	if known && use.request != request {
		return use, true, refuse(http.StatusConflict, 20409,
			"IdempotencyKey was used before for a request with other parameters")
	}
	return use, known, answer{}
}
