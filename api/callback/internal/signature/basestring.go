package signature

import (
	"slices"
	"strings"
	"sync"
)

// Message is the signed text: a URL followed by every parameter. Its memory is
// pooled.
type Message struct {
	text       []byte
	parameters []byte
	sorted     Form
}

var messages = sync.Pool{New: func() any { return new(Message) }}

// NewMessage returns a message over f. The caller must call Free.
func NewMessage(f Form) *Message {
	m := messages.Get().(*Message)
	m.sorted = append(m.sorted[:0], f...)
	slices.SortFunc(m.sorted, func(a, b Parameter) int {
		if c := strings.Compare(a.Key, b.Key); c != 0 {
			return c
		}
		return strings.Compare(a.Value, b.Value)
	})
	m.parameters = m.parameters[:0]
	for i, p := range m.sorted {
		if i > 0 && p == m.sorted[i-1] {
			continue // a repeated value counts once
		}
		m.parameters = append(m.parameters, p.Key...)
		m.parameters = append(m.parameters, p.Value...)
	}
	return m
}

// Over returns the signed bytes for one form of the URL. They are valid until the
// next call.
func (m *Message) Over(t URL) []byte {
	m.text = append(m.text[:0], t.Head...)
	m.text = append(m.text, t.Port...)
	m.text = append(m.text, t.Path...)
	m.text = append(m.text, t.Query...)
	m.text = append(m.text, m.parameters...)
	return m.text
}

// Free clears the message and returns it to the pool. Do not use it afterwards.
func (m *Message) Free() {
	clear(m.sorted) // so that the body they share can be collected
	clear(m.parameters)
	clear(m.text)
	messages.Put(m)
}
