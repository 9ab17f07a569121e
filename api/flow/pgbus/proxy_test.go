package pgbus_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/flowtest"
)

// proxy is a relay to a server that can also cut a connection after the server
// has executed a request, before it responds.
type proxy struct {
	*flowtest.Relay

	target string
	mu     sync.Mutex
	cut    []byte // the response to a request that contains this is lost, with the connection
	cuts   int
	from   []byte // replaced in requests
	to     []byte
	epoch  int // of connections
}

// forget has all connections that exist lose everything from now on, as a
// firewall does with those that were idle for too long. New ones work.
func (p *proxy) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.epoch++
}

// known returns a writer that writes until the connection is forgotten.
func (p *proxy) known(to io.Writer) io.Writer {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &knownWriter{p, p.epoch, to}
}

type knownWriter struct {
	p     *proxy
	epoch int
	to    io.Writer
}

func (w *knownWriter) Write(b []byte) (int, error) {
	w.p.mu.Lock()
	forgotten := w.epoch != w.p.epoch
	w.p.mu.Unlock()
	if forgotten {
		return len(b), nil
	}
	return w.to.Write(b)
}

func newProxy(t testing.TB, port int) *proxy {
	t.Helper()
	p := &proxy{target: fmt.Sprintf("127.0.0.1:%d", port)}
	p.Relay = flowtest.NewRelay(t, p.serve)
	return p
}

func (p *proxy) url() string {
	return fmt.Sprintf("postgres://postgres@%s/postgres?sslmode=disable", p.Addr())
}

// cutOnce loses the response to the next request that contains a text.
func (p *proxy) cutOnce(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = []byte(text)
}

// change replaces a text by another of the same length in all requests; an empty
// one changes nothing.
func (p *proxy) change(from, to string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.from, p.to = []byte(from), []byte(to)
}

// wasCut returns how many responses were lost.
func (p *proxy) wasCut() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cuts
}

func (p *proxy) serve(r *flowtest.Relay, client net.Conn) {
	srv, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer func() { _ = srv.Close() }()
	var mu sync.Mutex
	doomed := false // the next response is to be lost
	go func() {
		defer func() { _ = srv.Close() }()
		forward(p.known(r.Writer(srv)), client, func(request []byte) bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			if len(p.from) > 0 {
				copy(request, bytes.ReplaceAll(request, p.from, p.to))
			}
			if p.cut != nil && bytes.Contains(request, p.cut) {
				p.cut = nil
				p.cuts++
				mu.Lock()
				doomed = true
				mu.Unlock()
			}
			return true
		})
	}()
	forward(p.known(r.Writer(client)), srv, func([]byte) bool {
		mu.Lock()
		defer mu.Unlock()
		return !doomed
	})
}

// forward copies data until see returns false.
func forward(to io.Writer, from io.Reader, see func([]byte) bool) {
	buf := make([]byte, 1<<16)
	for {
		n, err := from.Read(buf)
		if err != nil || !see(buf[:n]) {
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}
