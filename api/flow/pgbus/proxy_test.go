package pgbus_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
)

// proxy stands between clients and a server. It can fall silent, as a network
// does that is cut without a word, and it can cut a connection when the server
// has done what was asked, before it says so.
type proxy struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	moved *sync.Cond
	quiet bool
	ended bool
	cut   []byte // the response to a request that has this is lost, with the connection
	cuts  int
	from  []byte // what is changed in requests
	to    []byte
}

func newProxy(t testing.TB, port int) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &proxy{listener: l, target: fmt.Sprintf("127.0.0.1:%d", port)}
	p.moved = sync.NewCond(&p.mu)
	go p.accept()
	t.Cleanup(p.end)
	return p
}

func (p *proxy) url() string {
	return fmt.Sprintf("postgres://postgres@%s/postgres?sslmode=disable", p.listener.Addr())
}

// silence has nothing come through from now on, or again.
func (p *proxy) silence(quiet bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.quiet = quiet
	p.moved.Broadcast()
}

// cutOnce loses the response to the next request that has a text in it.
func (p *proxy) cutOnce(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = []byte(text)
}

// change has a text changed to another of the same length in all requests, or
// nothing when it is empty.
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

func (p *proxy) end() {
	_ = p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	p.moved.Broadcast()
}

// pass waits while the proxy is silent, and reports whether it goes on.
func (p *proxy) pass() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.quiet && !p.ended {
		p.moved.Wait()
	}
	return !p.ended
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.serve(client)
	}
}

func (p *proxy) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	srv, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer func() { _ = srv.Close() }()
	var mu sync.Mutex
	doomed := false // the next response is lost
	go func() {
		defer func() { _ = srv.Close() }()
		p.copy(srv, client, func(request []byte) bool {
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
	p.copy(client, srv, func([]byte) bool {
		mu.Lock()
		defer mu.Unlock()
		return !doomed
	})
}

// copy copies what the proxy lets through until see says no.
func (p *proxy) copy(to io.Writer, from io.Reader, see func([]byte) bool) {
	buf := make([]byte, 1<<16)
	for {
		n, err := from.Read(buf)
		if err != nil || !p.pass() || !see(buf[:n]) {
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}
