package stored_test

import (
	"context"
	"errors"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/flow/internal/stored"
)

// shelf is a place in memory.
type shelf struct {
	value    []byte
	revision uint64
}

var errConflict = errors.New("conflict")

func (s *shelf) Load(context.Context) ([]byte, uint64, error) { return s.value, s.revision, nil }

func (s *shelf) Swap(_ context.Context, value []byte, revision uint64) (uint64, error) {
	if revision != s.revision {
		return 0, errConflict
	}
	s.value, s.revision = value, revision+1
	return s.revision, nil
}

var text = stored.Codec[string]{
	Encode: func(s string) []byte { return []byte(s) },
	Decode: func(b []byte) (string, error) { return string(b), nil },
}

// TestAValueMustBeReadOrWritten: a value that was neither read nor written
// cannot be written over, nor can an old one.
func TestAValueMustBeReadOrWritten(t *testing.T) {
	t.Parallel()
	ctx, place := t.Context(), new(shelf)
	if _, err := stored.Read(ctx, place, text); !errors.Is(err, stored.ErrNone) {
		t.Errorf("read of nothing: %v, want ErrNone", err)
	}
	var none stored.Value[string]
	if _, err := none.Write(ctx, place, text, "remembered"); err == nil || place.revision != 0 {
		t.Errorf("write of a value that was not read: %v, revision %d, want 0", err, place.revision)
	}
	first, err := stored.Create(ctx, place, text, "first")
	if err != nil || !first.Known() || none.Known() {
		t.Fatalf("create: %v", err)
	}
	if _, err := stored.Create(ctx, place, text, "again"); !errors.Is(err, errConflict) {
		t.Errorf("create again: %v, want the place's error", err)
	}
	if _, err := first.Write(ctx, place, text, "second"); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Write(ctx, place, text, "third"); !errors.Is(err, errConflict) {
		t.Errorf("write over an old value: %v, want the place's error", err)
	}
	if now, err := stored.Read(ctx, place, text); err != nil || now.Content() != "second" {
		t.Errorf("read: %q (want \"second\"), %v", now.Content(), err)
	}
}
