package h2_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

const (
	accountSID = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	callSID    = "CAbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	paymentSID = "PKcccccccccccccccccccccccccccccccc"
)

// conn is one connection of the server, which writes frames.
type conn struct {
	*http2.Framer
	tcp    net.Conn
	number int64 // of the connections, from 1
	silent bool  // reads everything and sends nothing
}

// respond sends a session on a stream.
func (c *conn) respond(stream uint32) {
	c.begin(stream)
	_ = c.WriteData(stream, true, []byte(`{"sid":"`+paymentSID+`"}`))
}

// begin sends a status on a stream.
func (c *conn) begin(stream uint32) {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	_ = encoder.WriteField(hpack.HeaderField{Name: ":status", Value: "202"})
	_ = encoder.WriteField(hpack.HeaderField{Name: "content-type", Value: "application/json"})
	_ = c.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block.Bytes(), EndHeaders: true})
}

// server reads whole requests and calls end for each.
type server struct {
	url      string
	tls      *tls.Config // for a client that trusts it
	end      func(c *conn, stream uint32)
	requests atomic.Int64
	conns    atomic.Int64
	mu       sync.Mutex
	pings    []time.Time
	closed   chan int64 // the numbers of connections that ended
}

func newServer(t *testing.T, end func(*conn, uint32)) *server {
	t.Helper()
	// Only the certificate is from httptest; the listener reads and writes
	// frames.
	certificate := httptest.NewUnstartedServer(nil)
	certificate.EnableHTTP2 = true
	certificate.StartTLS()
	t.Cleanup(certificate.Close)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certificate.TLS.Certificates, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	roots := tls.Config{RootCAs: certificateRoots(certificate)}
	s := &server{url: "https://" + l.Addr().String(), tls: &roots, end: end, closed: make(chan int64, 100)}
	go func() {
		for {
			tcp, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(&conn{Framer: http2.NewFramer(tcp, tcp), tcp: tcp, number: s.conns.Add(1)})
		}
	}()
	return s
}

func (s *server) serve(c *conn) {
	defer func() {
		_ = c.tcp.Close()
		s.closed <- c.number
	}()
	if _, err := io.ReadFull(c.tcp, make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	_ = c.WriteSettings()
	for {
		frame, err := c.ReadFrame()
		if err != nil {
			return
		}
		switch f := frame.(type) {
		case *http2.PingFrame:
			s.mu.Lock()
			s.pings = append(s.pings, time.Now())
			s.mu.Unlock()
			if !f.IsAck() && !c.silent {
				_ = c.WritePing(true, f.Data)
			}
		case *http2.SettingsFrame:
			if !f.IsAck() && !c.silent {
				_ = c.WriteSettingsAck()
			}
		case *http2.DataFrame:
			if f.StreamEnded() {
				s.requests.Add(1)
				s.end(c, f.StreamID)
			}
		}
	}
}

// client returns a client of the server with the SDK's default transport.
func (s *server) client(t *testing.T, opts ...payments.Option) *payments.Client {
	t.Helper()
	transport := payments.NewTransport()
	transport.TLSClientConfig = s.tls
	t.Cleanup(transport.CloseIdleConnections)
	return s.clientOver(t, transport, opts...)
}

// pinged returns how many pings have arrived.
func (s *server) pinged() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.pings)
}
