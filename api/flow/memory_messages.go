package flow

import (
	"encoding/hex"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/wire"
)

// memoryMessage is a message as a [Memory] holds it. The callbacks of a session
// are similar, so each body is stored as its difference from another, the base.
// An ID that is a hexadecimal digest is stored as bytes.
type memoryMessage struct {
	number  uint64 // among the messages of its call; numbers stay the same when other messages are dropped
	session *memorySession
	base    *string // nil if the body is stored whole
	body    string  // the part between head and tail
	other   *memoryOther
	digest  [32]byte
	step    int32
	head    uint32 // length of the prefix shared with base
	tail    uint32 // length of the suffix shared with base
	final   bool
}

// memoryOther holds fields that few messages have.
type memoryOther struct {
	id   string // an ID that is not a digest
	flow string // if it is not the session's
	step int
	note Note
}

// maxHeldStep is the highest step number stored without memoryOther.
const maxHeldStep = 1<<31 - 1

// hold returns the stored form of a message. Strings are copied, because they
// may be parts of a request.
func (s *memorySession) hold(m Message) memoryMessage {
	h := memoryMessage{session: s, step: int32(min(max(m.Step, 0), maxHeldStep)), final: m.Final} // #nosec G115 -- it is in the bounds
	if s.flow == "" {
		s.flow = strings.Clone(m.Flow)
	}
	digest, isDigest := digestOf(m.ID)
	if isDigest {
		h.digest = digest
	}
	if !isDigest || m.Flow != s.flow || m.Note != "" || m.Step != int(h.step) {
		h.other = &memoryOther{flow: s.flow, step: m.Step, note: m.Note}
		if m.Flow != s.flow {
			h.other.flow = strings.Clone(m.Flow)
		}
		if !isDigest {
			h.other.id = strings.Clone(m.ID)
		}
	}
	h.holdBody(m.Body.Reveal())
	return h
}

// holdBody stores a body as its difference from the session's base, or makes it
// the base if most of it differs.
func (h *memoryMessage) holdBody(body string) {
	s := h.session
	if s.base != nil {
		base := *s.base
		most := min(len(base), len(body))
		head, tail := 0, 0
		for head < most && base[head] == body[head] {
			head++
		}
		for tail < most-head && base[len(base)-1-tail] == body[len(body)-1-tail] {
			tail++
		}
		if 2*(head+tail) >= len(body) {
			h.base, h.head, h.tail = s.base, uint32(head), uint32(tail) // #nosec G115 -- a body is bounded
			h.body = strings.Clone(body[head : len(body)-tail])
			return
		}
	}
	whole := strings.Clone(body)
	h.body, s.base = whole, &whole
}

// message rebuilds the message.
func (h *memoryMessage) message() Message {
	m := Message{Session: h.session.name, Flow: h.session.flow, Step: int(h.step), Final: h.final}
	switch {
	case h.other == nil:
		m.ID = hex.EncodeToString(h.digest[:])
	default:
		m.Flow, m.Step, m.Note, m.ID = h.other.flow, h.other.step, h.other.note, h.other.id
		if h.digest != [32]byte{} {
			m.ID = hex.EncodeToString(h.digest[:])
		}
	}
	body := h.body
	if h.base != nil {
		base := *h.base
		body = base[:h.head] + body + base[len(base)-int(h.tail):]
	}
	m.Body = wire.Hide(body)
	return m
}

// is reports whether h is the message with an ID in a session.
func (h *memoryMessage) is(s Session, id string, digest [32]byte, isDigest bool) bool {
	if h.session.name != s {
		return false
	}
	if isDigest {
		return h.digest == digest
	}
	return h.other != nil && h.digest == [32]byte{} && h.other.id == id
}

// digestOf returns the bytes of an ID that is 64 lower-case hexadecimal digits
// and not all zero.
func digestOf(id string) (digest [32]byte, ok bool) {
	if len(id) != 2*len(digest) || id != strings.ToLower(id) {
		return digest, false
	}
	if _, err := hex.Decode(digest[:], []byte(id)); err != nil {
		return [32]byte{}, false
	}
	return digest, digest != [32]byte{}
}

// weight is how much a message matters.
type weight int

const (
	digit    weight = iota
	progress        // any other before the end
	openEnd         // an end that is not final
	finalEnd
	success // money has moved
)

func weightOf(m Message) weight {
	e, err := m.Event()
	switch {
	case err == nil && e.Succeeded():
		return success
	case m.Final:
		return finalEnd
	case m.isEnd():
		return openEnd
	case err == nil && e.Partial() && e.ErrorType == "":
		return digit
	}
	return progress
}
