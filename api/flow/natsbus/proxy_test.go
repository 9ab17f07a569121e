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

	"github.com/twiliopay/twiliopay-go/internal/flowtest"
)

// proxy is a relay to a server that can also lose messages.
type proxy struct {
	*flowtest.Relay

	mu   sync.Mutex
	held int                                       // connections accepted while it is silent
	lose func(subject string, message []byte) bool // called for each message to the client
}

func newProxy(t testing.TB, s *server.Server) *proxy {
	t.Helper()
	p, target := new(proxy), s.Addr().String()
	p.Relay = flowtest.NewRelay(t, func(r *flowtest.Relay, client net.Conn) {
		p.hold(1)
		ok := r.Pass()
		if p.hold(-1); !ok {
			return
		}
		srv, err := net.Dial("tcp", target)
		if err != nil {
			return
		}
		defer func() { _ = srv.Close() }()
		go func() {
			defer func() { _ = srv.Close() }()
			_, _ = io.Copy(r.Writer(srv), client)
		}()
		p.toClient(r.Writer(client), bufio.NewReader(srv))
	})
	return p
}

func (p *proxy) url() string { return "nats://" + p.Addr() }

func (p *proxy) loses(lose func(subject string, message []byte) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lose = lose
}

func (p *proxy) hold(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held += n
}

// waits returns how many new connections wait for the end of the silence.
func (p *proxy) waits() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held
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
