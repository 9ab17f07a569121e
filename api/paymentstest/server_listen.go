package paymentstest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/pipenet"
)

// memoryURL is the URL of a server without a socket. On port 1 a client that does not
// use [Server.Client] is refused at once.
const memoryURL = "http://127.0.0.1:1"

// listen opens the server's listener and returns it with the URL and the client
// that reach it.
func listen(c *config) (net.Listener, string, *http.Client, error) {
	transport := &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
	client := &http.Client{Transport: transport}
	if c.inMemory {
		l := pipenet.New()
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return l.Dial(ctx) }
		return l, memoryURL, client, nil
	}
	l, err := net.Listen("tcp", c.addr)
	if err != nil {
		return nil, "", nil, fmt.Errorf("paymentstest: %w", err)
	}
	if a, ok := l.Addr().(*net.TCPAddr); !c.anyAddr && ok && !a.IP.IsLoopback() {
		_ = l.Close() // a name such as localhost that resolves to another address
		return nil, "", nil, errAddr
	}
	return l, "http://" + l.Addr().String(), client, nil
}

var errAddr = optionError("WithAddr", "must be a loopback address, unless AllowRemoteClients is given")

const writeTimeout = 30 * time.Second

// newHTTPServer returns a server on which no client can keep a connection busy: by
// sending slowly, by not reading, or by falling silent. The limits are wider than those
// of the Go client and of Twilio, which give up first.
func newHTTPServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ErrorLog: quietLog,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 20 * time.Second,
		WriteTimeout: writeTimeout, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
	}
}
