package flowtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// Bounded returns a context that ends a test which hangs.
func Bounded(tb testing.TB) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), 60*time.Second)
	tb.Cleanup(cancel)
	return ctx
}

// WaitFor waits up to half a minute until holds returns true.
func WaitFor(tb testing.TB, holds func() bool) {
	tb.Helper()
	for range 3000 {
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	tb.Fatal("the condition did not become true within 30 s")
}

// Must fails the test if there is an error.
func Must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// NewSession returns a session with random SIDs.
func NewSession() flow.Session {
	return flow.Session{AccountSID: NewSID("AC"), CallSID: NewSID("CA"), SID: NewSID("PK")}
}

// NewSID returns a random SID with a prefix.
func NewSID(prefix string) string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return prefix + hex.EncodeToString(b[:])
}
