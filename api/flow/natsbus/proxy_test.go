package natsbus_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
)

// proxy stands between a client and a server. It can fall silent, as a machine
// does that freezes or whose network is cut without a word: connections stay,
// new ones are taken, and nothing comes through. And it can lose messages.
type proxy struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	moved *sync.Cond
	quiet bool
	ended bool
	held  int                                       // connections that were taken while it is silent
	lose  func(subject string, message []byte) bool // called for each message to the client
}

func newProxy(t testing.TB, s *server.Server) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &proxy{listener: l, target: s.Addr().String()}
	p.moved = sync.NewCond(&p.mu)
	go p.accept()
	t.Cleanup(p.end)
	return p
}

func (p *proxy) url() string { return "nats://" + p.listener.Addr().String() }

// silence has nothing come through from now on, or again.
func (p *proxy) silence(quiet bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.quiet = quiet
	p.moved.Broadcast()
}

func (p *proxy) loses(lose func(subject string, message []byte) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lose = lose
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

func (p *proxy) hold(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held += n
}

// waits returns how many new connections wait for the proxy to speak.
func (p *proxy) waits() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = client.Close() }()
			p.hold(1)
			ok := p.pass()
			if p.hold(-1); !ok {
				return
			}
			srv, err := net.Dial("tcp", p.target)
			if err != nil {
				return
			}
			defer func() { _ = srv.Close() }()
			go func() {
				defer func() { _ = srv.Close() }()
				_, _ = io.Copy(writer{srv, p}, client)
			}()
			p.toClient(writer{client, p}, bufio.NewReader(srv))
		}()
	}
}

// writer writes while the proxy is not silent.
type writer struct {
	to io.Writer
	p  *proxy
}

func (w writer) Write(b []byte) (int, error) {
	if !w.p.pass() {
		return 0, io.ErrClosedPipe
	}
	return w.to.Write(b)
}

// toClient copies the server's protocol, message by message.
func (p *proxy) toClient(client io.Writer, srv *bufio.Reader) {
	for {
		line, err := srv.ReadBytes('\n')
		if err != nil {
			return
		}
		whole := line
		lost := false
		if fields := bytes.Fields(line); len(fields) >= 4 && (string(fields[0]) == "MSG" || string(fields[0]) == "HMSG") {
			size, err := strconv.Atoi(string(fields[len(fields)-1]))
			if err != nil {
				return
			}
			body := make([]byte, size+len("\r\n"))
			if _, err := io.ReadFull(srv, body); err != nil {
				return
			}
			whole = append(bytes.Clone(line), body...)
			p.mu.Lock()
			lost = p.lose != nil && p.lose(string(fields[1]), whole)
			p.mu.Unlock()
		}
		if lost {
			continue
		}
		if _, err := client.Write(whole); err != nil {
			return
		}
	}
}
