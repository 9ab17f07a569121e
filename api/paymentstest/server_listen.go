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

const (
	idleTimeout  = 2 * time.Minute
	readTimeout  = 20 * time.Second // of a body
	writeTimeout = 30 * time.Second
)

// newHTTPServer returns a server on which no client can keep a connection busy: by
// sending slowly, by not reading, or by falling silent. The limits are wider than those
// of the Go client and of Twilio, which give up first.
//
// A connection is also idle before its first request: net/http's client opens some
// ahead and keeps them for 90 seconds. ReadHeaderTimeout and ReadTimeout of an
// http.Server would count from when it was opened, and close it under a client that
// begins to use it.
func newHTTPServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Body != http.NoBody { // without one, net/http already waits for the next request
				_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(readTimeout)) // net/http lifts it at the body's end
			}
			h.ServeHTTP(w, r)
		}),
		ErrorLog:          quietLog,
		ReadHeaderTimeout: idleTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: 64 << 10,
	}
}
