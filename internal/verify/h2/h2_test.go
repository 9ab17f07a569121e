// Package h2_test holds the client against HTTP/2 as a hostile server speaks it:
// net/http sends a request again by itself after some resets of a stream, with
// no end and no word of it, when it has a second body to read.
package h2_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

const (
	accountSID = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	callSID    = "CAbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	paymentSID = "PKcccccccccccccccccccccccccccccccc"
)

// server takes whole requests and then does what end does to the stream.
func server(t *testing.T, end func(*http2.Framer, uint32)) (string, *http.Client, *atomic.Int64) {
	t.Helper()
	// httptest makes the certificate; the listener speaks frames.
	certificate := httptest.NewUnstartedServer(nil)
	certificate.EnableHTTP2 = true
	certificate.StartTLS()
	t.Cleanup(certificate.Close)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certificate.TLS.Certificates, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	var taken atomic.Int64
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serve(conn, &taken, end)
		}
	}()
	return "https://" + l.Addr().String(), certificate.Client(), &taken
}

func serve(conn net.Conn, taken *atomic.Int64, end func(*http2.Framer, uint32)) {
	defer func() { _ = conn.Close() }()
	if _, err := io.ReadFull(conn, make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	framer := http2.NewFramer(conn, conn)
	_ = framer.WriteSettings()
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return
		}
		switch f := frame.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				_ = framer.WriteSettingsAck()
			}
		case *http2.DataFrame:
			if f.StreamEnded() {
				taken.Add(1)
				end(framer, f.StreamID)
			}
		}
	}
}

func TestACompleteIsTakenOnce(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*http2.Framer, uint32){
		"reset, protocol error": func(f *http2.Framer, id uint32) { _ = f.WriteRSTStream(id, http2.ErrCodeProtocol) },
		"reset, refused":        func(f *http2.Framer, id uint32) { _ = f.WriteRSTStream(id, http2.ErrCodeRefusedStream) },
		"reset, cancel":         func(f *http2.Framer, id uint32) { _ = f.WriteRSTStream(id, http2.ErrCodeCancel) },
		"goaway after it":       func(f *http2.Framer, id uint32) { _ = f.WriteGoAway(id, http2.ErrCodeNo, nil) },
		"goaway before it":      func(f *http2.Framer, _ uint32) { _ = f.WriteGoAway(0, http2.ErrCodeNo, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base, client, taken := server(t, end)
			c, err := payments.NewClient(payments.WithCredentials(accountSID, "token"), payments.WithBaseURL(base),
				payments.WithHTTPClient(client), payments.WithAttemptTimeout(2*time.Second))
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Update(context.Background(), callSID, paymentSID, payments.UpdateParams{StatusCallback: "https://a.example", Status: payments.StatusComplete})
			var e *payments.Error
			if !errors.As(err, &e) || e.Attempts != 1 || !e.OutcomeUnknown() || taken.Load() != 1 {
				t.Errorf("the server took %d completes: %+v", taken.Load(), err)
			}
		})
	}
}
