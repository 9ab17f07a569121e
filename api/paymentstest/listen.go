package paymentstest

import (
	"context"
	"fmt"
	"net"
	"net/http"
)

// memoryURL is the address of a server without a socket. Port 1 is where a
// client that forgot [Server.Client] is refused at once.
const memoryURL = "http://127.0.0.1:1"

// listen opens the server's listener and returns it with the URL and the client
// that reach it.
func listen(c config) (net.Listener, string, *http.Client, error) {
	transport := &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
	client := &http.Client{Transport: transport}
	if c.inMemory {
		l := newMemoryListener()
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return l.dial(ctx) }
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
