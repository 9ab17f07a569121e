// Package stored holds a value under optimistic locking. A [Value] is obtained
// only by reading or writing it, so a program that needs one to act cannot act
// on a value it merely remembers.
package stored

import (
	"context"
	"errors"
)

// ErrNone means that nothing is stored.
var ErrNone = errors.New("nothing is stored")

// Place is where a value is stored. Its revision is 0 while nothing is stored.
type Place interface {
	Load(ctx context.Context) (value []byte, revision uint64, err error)
	// Swap writes if the revision is still the given one, and returns the new one.
	Swap(ctx context.Context, value []byte, revision uint64) (uint64, error)
}

// Codec turns values into bytes and back.
type Codec[T any] struct {
	Encode func(T) []byte
	Decode func([]byte) (T, error)
}

// Value is a value as it was read or written. The zero Value is neither.
type Value[T any] struct {
	content  *T
	revision uint64
}

// Known reports whether the value was read or written.
func (v Value[T]) Known() bool { return v.revision != 0 }

// Content returns a copy of the value, to be edited and written.
func (v Value[T]) Content() (content T) {
	if v.content != nil {
		content = *v.content
	}
	return content
}

// View returns the value itself, which must not be changed; nil if there is
// none.
func (v Value[T]) View() *T { return v.content }

// Read returns what is stored, or [ErrNone].
func Read[T any](ctx context.Context, p Place, c Codec[T]) (Value[T], error) {
	b, revision, err := p.Load(ctx)
	if err != nil {
		return Value[T]{}, err
	}
	if revision == 0 {
		return Value[T]{}, ErrNone
	}
	content, err := c.Decode(b)
	if err != nil {
		return Value[T]{}, err
	}
	return Value[T]{&content, revision}, nil
}

// Create writes the first value. If one exists, it returns the place's error.
func Create[T any](ctx context.Context, p Place, c Codec[T], content T) (Value[T], error) {
	revision, err := p.Swap(ctx, c.Encode(content), 0)
	if err != nil {
		return Value[T]{}, err
	}
	return Value[T]{&content, revision}, nil
}

// Write replaces old by content. If old is no longer what is stored, it returns
// the place's error.
func (v Value[T]) Write(ctx context.Context, p Place, c Codec[T], content T) (Value[T], error) {
	if !v.Known() {
		return v, errors.New("stored: write of a value that was not read")
	}
	revision, err := p.Swap(ctx, c.Encode(content), v.revision)
	if err != nil {
		return Value[T]{}, err
	}
	return Value[T]{&content, revision}, nil
}
