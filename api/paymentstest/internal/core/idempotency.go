package core

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"slices"
	"time"
)

// keyID names an idempotency key of an account. Where keys may be reused, the
// request is part of it.
type keyID struct {
	account, key string
	request      [sha256.Size]byte
}

// keyUse is the request that used a key first, and its response. The key of a
// refused request is free again.
type keyUse struct {
	request [sha256.Size]byte
	status  int
	session *session
	updated time.Time
}

func (u keyUse) response() Response {
	s := u.session
	return Response{Status: u.status, Session: Accepted{
		AccountSID: s.accountSID, CallSID: s.call.sid, SID: s.sid, Created: s.created, Updated: u.updated,
	}}
}

// identify returns the key of a request, and what distinguishes it from others.
func (m *Machine) identify(r Request) (keyID, [sha256.Size]byte) {
	request := fingerprint(r)
	id := keyID{account: r.AccountSID, key: ShortKey(r.key())}
	if m.config.Assumptions.ReuseKeys {
		id.request = request
	}
	return id, request
}

// fingerprint distinguishes requests that share a key: operation, path and form.
func fingerprint(r Request) [sha256.Size]byte {
	var few [32]string
	names := few[:0]
	for name := range r.Form {
		names = append(names, name)
	}
	slices.Sort(names)
	text := make([]byte, 0, 1<<10)
	add := func(part string) {
		text = binary.AppendUvarint(text, uint64(len(part)))
		text = append(text, part...)
	}
	add(string(r.Operation))
	add(r.CallSID)
	add(r.SID)
	for _, name := range names {
		add(name)
		for _, value := range r.Form[name] {
			add(value)
		}
		add("") // no name is empty: it ends the values
	}
	return sha256.Sum256(text)
}

// replay responds to a key that was used before: the same request gets the first
// response, another one is refused. It returns false for a new key.
func (m *Machine) replay(r Request, id keyID, request [sha256.Size]byte) bool {
	use, known := m.keys[id]
	switch {
	case !known, m.config.Assumptions.ReuseKeys && r.Operation == Capture:
		return false
	case use.request != request:
		m.emitAssuming("ReuseKeys", Response{
			Status: http.StatusConflict, Code: 20409,
			Message: "IdempotencyKey was used before for a request with other parameters",
		})
		return true
	}
	again := use.response()
	again.Replayed = true
	m.emit(again)
	return true
}

// keep remembers the key of a request that took effect.
func (m *Machine) keep(id keyID, use keyUse) {
	m.keys[id] = use
	if m.config.MaxSessions > 0 {
		use.session.keys = append(use.session.keys, id)
	}
}

// ShortKey is how an idempotency key is kept: as it is up to 32 bytes, and as its
// digest beyond.
func ShortKey(key string) string {
	if len(key) <= sha256.Size {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:]) // 64 characters, more than a key kept as it is
}
