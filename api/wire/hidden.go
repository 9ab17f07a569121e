package wire

import (
	"fmt"
	"io"
	"log/slog"
)

// Hidden is text that is never printed: a token, a code, a card or bank field.
// [Hidden.Reveal] returns it. Every verb of fmt, slog, JSON, XML and YAML show "…",
// and nothing for the empty text; gob refuses it.
//
// The text is behind a function, because fmt calls no methods for unexported fields
// of a struct and for the verbs %p and %w: there it prints an address and a small
// number.
//
// The zero Hidden is the empty text. Compare two with [Hidden.Equal].
type Hidden[T ~string] struct {
	texts func(i int) string // nil for the empty text
	i     int
}

// Hide returns text as a value that is never printed.
func Hide[T ~string](text T) Hidden[T] {
	if text == "" {
		return Hidden[T]{}
	}
	return Hidden[T]{texts: func(int) string { return string(text) }}
}

// HideAt sets h to the text that texts returns for i. Many values can share one
// function, so that hiding them allocates once instead of once per value as with
// [Hide]. h keeps texts, which must always return the same text for i and be safe
// for concurrent use.
func (h *Hidden[T]) HideAt(texts func(i int) string, i int) {
	*h = Hidden[T]{}
	if texts(i) != "" {
		*h = Hidden[T]{texts, i}
	}
}

// Reveal returns the text.
func (h Hidden[T]) Reveal() T {
	if h.texts == nil {
		return ""
	}
	return T(h.texts(h.i))
}

// IsZero reports whether the text is empty.
func (h Hidden[T]) IsZero() bool { return h.texts == nil }

// Equal reports whether both hold the same text.
func (h Hidden[T]) Equal(other Hidden[T]) bool { return h.Reveal() == other.Reveal() }

// String returns "…", and "" for the empty text.
func (h Hidden[T]) String() string {
	if h.IsZero() {
		return ""
	}
	return "…"
}

// Format prints the result of String for every verb.
func (h Hidden[T]) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, h.String()) }

// LogValue returns the result of String.
func (h Hidden[T]) LogValue() slog.Value { return slog.StringValue(h.String()) }

// MarshalText returns the result of String. To store the text, store the result of
// Reveal.
func (h Hidden[T]) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText sets the text itself.
func (h *Hidden[T]) UnmarshalText(text []byte) error {
	*h = Hide(T(text))
	return nil
}
