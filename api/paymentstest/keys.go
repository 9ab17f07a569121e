package paymentstest

import (
	"crypto/sha256"
	"net/http"
	"net/url"
)

// keyID names an idempotency key: keys belong to an account. Where keys may be
// reused, each request has its own memory of one.
type keyID struct {
	account, key string
	request      [sha256.Size]byte
}

// keyUse is the request that used a key first, and its answer. A request that
// was refused leaves no key behind.
type keyUse struct {
	request [sha256.Size]byte
	answer  answer
	session string
}

// identify returns the key of a request, and what tells it from others.
func (s *Server) identify(rec *Request) (keyID, [sha256.Size]byte) {
	request := fingerprint(rec.Operation, rec.CallSID, rec.SID, rec.Form)
	id := keyID{account: rec.AccountSID, key: shortKey(rec.IdempotencyKey)}
	if s.config.assume.ReuseKeys {
		id.request = request
	}
	return id, request
}

// fingerprint tells requests apart that share a key: operation, path and form.
func fingerprint(op Operation, callSID, sid string, form url.Values) [sha256.Size]byte {
	return sha256.Sum256([]byte(string(op) + "\n" + callSID + "\n" + sid + "\n" + form.Encode()))
}

// replay returns the answer for a key that was used before: the first answer to
// the same request, a refusal to another one. It is false for a new key.
func (s *Server) replay(rec *Request, id keyID, request [sha256.Size]byte) (answer, bool) {
	use, known := s.keys[id]
	switch {
	case !known, s.config.assume.ReuseKeys && rec.Operation == Capture:
		return answer{}, false
	case use.request != request:
		return refuse(http.StatusConflict, 20409, "IdempotencyKey was used before for a request with other parameters"), true
	}
	rec.Replayed, rec.SID = true, use.session
	return use.answer, true
}
