package callback_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// twenty returns an event of twenty fields.
func twenty() url.Values {
	return charged("DateCreated", "2021-08-10T03:55:53.408Z", "PaymentConnector", "PGP_MOCK", "ChargeAmount", "9.99",
		"TokenType", "reusable", "Capture", "security-code", "PartialResult", "false", "Required", "expiration-date,postal-code")
}

// BenchmarkHandler measures a whole delivery: read, verify, parse, claim, call the
// function in a goroutine, settle, respond.
func BenchmarkHandler(b *testing.B) {
	const events = 512
	memory, err := callback.NewMemoryDeduplicator(events/2, time.Hour) // each is forgotten before it is repeated
	if err != nil {
		b.Fatal(err)
	}
	calls := 0
	h := newHandler(b, func(context.Context, callback.Event) error { calls++; return nil }, callback.WithDeduplicator(memory))
	var deliver [events]func(http.Handler) int
	for i := range deliver {
		deliver[i] = deliverer(changed(twenty(), "DateUpdated", fmt.Sprintf("2021-08-10T03:58:27.%03dZ", i)))
	}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if status := deliver[i%events](h); status != 204 {
			b.Fatal(status)
		}
		i++
	}
	if calls != i {
		b.Fatalf("%d calls for %d deliveries", calls, i)
	}
}

// BenchmarkForgery measures a delivery with a wrong signature, for which all forms
// of the URL are tried.
func BenchmarkForgery(b *testing.B) {
	h := newHandler(b, ignore, callback.WithAuthTokens("another"))
	deliver := deliverer(twenty())
	b.ReportAllocs()
	for b.Loop() {
		if status := deliver(h); status != 403 {
			b.Fatal(status)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	f := twenty()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := callback.Parse(f); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSignatureAndForm measures the least that any receiver does: one HMAC and
// parsing the form, both with the standard library.
func BenchmarkSignatureAndForm(b *testing.B) {
	body := twenty().Encode()
	b.ReportAllocs()
	for b.Loop() {
		mac := hmac.New(sha1.New, []byte(token))
		mac.Write([]byte(body))
		mac.Sum(nil)
		if _, err := url.ParseQuery(body); err != nil {
			b.Fatal(err)
		}
	}
}

// deliverer returns a function that delivers f repeatedly at negligible cost.
func deliverer(f url.Values) func(h http.Handler) int {
	r, body := signed(f), []byte(f.Encode())
	reader, w := bytes.NewReader(body), &plainWriter{header: http.Header{}}
	closer := io.NopCloser(reader)
	return func(h http.Handler) int {
		reader.Reset(body)
		r.Body = closer
		h.ServeHTTP(w, r)
		return w.status
	}
}

type plainWriter struct {
	header http.Header
	status int
}

func (w *plainWriter) Header() http.Header         { return w.header }
func (w *plainWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w *plainWriter) WriteHeader(status int)      { w.status = status }
