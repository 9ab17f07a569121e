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
		forward(r.Writer(srv), client, func(request []byte) bool {
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
	forward(r.Writer(client), srv, func([]byte) bool {
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
