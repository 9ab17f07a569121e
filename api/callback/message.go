package callback

import (
	"slices"
	"strings"
	"sync"
)

// message is what a signature is made over: a URL and then every parameter.
// Its memory is used again and again.
type message struct {
	text       []byte
	parameters []byte
	sorted     form
}

var messages = sync.Pool{New: func() any { return new(message) }}

// newMessage returns a message over f. The caller frees it.
func newMessage(f form) *message {
	m := messages.Get().(*message)
	m.sorted = append(m.sorted[:0], f...)
	slices.SortFunc(m.sorted, func(a, b parameter) int {
		if c := strings.Compare(a.key, b.key); c != 0 {
			return c
		}
		return strings.Compare(a.value, b.value)
	})
	m.parameters = m.parameters[:0]
	for i, p := range m.sorted {
		if i > 0 && p == m.sorted[i-1] {
			continue // a repeated value counts once
		}
		m.parameters = append(m.parameters, p.key...)
		m.parameters = append(m.parameters, p.value...)
	}
	return m
}

// over returns the bytes that are signed for one form of the URL. They are
// valid until the next call.
func (m *message) over(t target) []byte {
	m.text = append(m.text[:0], t.head...)
	m.text = append(m.text, t.port...)
	m.text = append(m.text, t.path...)
	m.text = append(m.text, t.qry...)
	m.text = append(m.text, m.parameters...)
	return m.text
}

func (m *message) free() {
	clear(m.sorted) // let go of the body they were cut from
	clear(m.parameters)
	clear(m.text)
	messages.Put(m)
}
