package wire

import (
	"fmt"
	"io"
	"log/slog"
)

// Hidden is text that no printer shows: a token, a code, a card or bank field.
// [Hidden.Reveal] reads it. Every verb of fmt, slog, JSON, XML and YAML show "…"
// for text and nothing where there is none; gob refuses it.
//
// The text is behind a function. What calls no methods, as fmt does for the
// unexported fields of a struct and for the verbs %p and %w, prints an address
// and a small number.
//
// The zero Hidden is the empty text. Two of them are compared by
// [Hidden.Equal].
type Hidden[T ~string] struct {
	texts func(i int) string // nil for the empty text
	i     int
}

// Hide returns text as a value that no printer shows.
func Hide[T ~string](text T) Hidden[T] {
	if text == "" {
		return Hidden[T]{}
	}
	return Hidden[T]{texts: func(int) string { return string(text) }}
}

// HideAt makes h the text that texts returns for i. Many values can share one
// function, so that hiding them allocates once, where [Hide] does for each.
// texts is kept: it must always return the same text for i, and be safe for use
// by several goroutines at once.
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

// String returns "…", and nothing where there is no text.
func (h Hidden[T]) String() string {
	if h.IsZero() {
		return ""
	}
	return "…"
}

// Format prints what String returns, for every verb.
func (h Hidden[T]) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, h.String()) }

// LogValue logs what String returns.
func (h Hidden[T]) LogValue() slog.Value { return slog.StringValue(h.String()) }

// MarshalText writes what String returns: to store the text, store what Reveal
// returns.
func (h Hidden[T]) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads the text itself.
func (h *Hidden[T]) UnmarshalText(text []byte) error {
	*h = Hide(T(text))
	return nil
}
