package console

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/internal/option"
)

// apiPath is the root of the API, below the prefix the console is mounted
// under. It is also the cookie's path, so that browsers do not send the cookie
// to other local servers.
const apiPath = "/console-api/"

// Console is the page over a simulated Twilio, and the API behind it. Make one
// with [New]. It is safe for concurrent use.
type Console struct {
	srv      *paymentstest.Server
	config   config
	instance string // makes cookie names and event ids unique to this console
	cookie   string
	cross    *http.CrossOriginProtection
	mux      *http.ServeMux

	ctx      context.Context // done when the console is closed
	cancel   context.CancelFunc
	commands *bucket
	wrong    *bucket // wrong tokens

	work     sync.WaitGroup
	settings sync.Mutex // serializes changes of assumptions

	mu      sync.Mutex // guards the fields below; taken after the server's lock
	changed chan struct{}
	viewers int
	faults  []*armedFault
	faultID int
	rule    deliveryRule
	gateway gatewayRule
	held    []heldPayment
	plays   []*play
	playID  int
	disarm  []func()
}

// New returns the console of a server. What a person arms on the page takes
// precedence over the server's own faults, delivery rules and gateway, which stay
// unchanged. Close the console if the server outlives it.
func New(srv *paymentstest.Server, opts ...Option) (*Console, error) {
	if srv == nil {
		return nil, errors.New("console: New needs a server")
	}
	config := config{token: strings.ToLower(rand.Text()), viewers: defaultViewers}
	if err := option.Apply("console", &config, opts); err != nil {
		return nil, err
	}
	if config.remote && !config.chosen {
		return nil, errors.New("console: AllowRemoteClients needs WithToken: choose the token that opens the console")
	}
	c := &Console{
		srv: srv, config: config, cross: http.NewCrossOriginProtection(),
		commands: newBucket(commandsPerSecond, commandsAtOnce), wrong: newBucket(wrongPerSecond, wrongAtOnce),
		changed: make(chan struct{}),
		rule:    deliveryRule{Way: wayOnce}, gateway: gatewayRule{Verdict: verdictServer},
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	instance := sha256.Sum256([]byte("instance " + rand.Text()))
	c.instance = hex.EncodeToString(instance[:4])
	c.cookie = c.key("cookie " + c.instance)
	c.mux = c.routes()
	unmount, err := srv.Mount(sinkURL, http.HandlerFunc(sink))
	if err != nil {
		return nil, err
	}
	c.disarm = []func(){srv.Arm(c.inject), srv.ArmDelivery(c.deliver), srv.ArmGateway(c.decide), unmount}
	return c, nil
}

// Close ends the event streams and running scenarios, disarms everything that was
// armed on the page, and removes the console's handler for callbacks. The server
// then works as before [New].
func (c *Console) Close() {
	c.mu.Lock()
	disarm := c.disarm
	c.cancel()
	c.disarm = nil
	c.mu.Unlock()
	for _, f := range disarm {
		f()
	}
	c.work.Wait()
}

// Token returns the token that opens the console.
func (c *Console) Token() string { return c.config.token }

// URL returns the address that opens the console mounted at base; a trailing
// slash is optional. The token is in the fragment, which a browser does not send
// and the page removes.
func (c *Console) URL(base string) string {
	return strings.TrimSuffix(base, "/") + "/#token=" + c.config.token
}

// ServeHTTP serves the page and its API. Whatever the prefix, it never serves a
// path under /2010-04-01, which belongs to the simulated API.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	protect(w.Header())
	if err := c.serve(w, r); err != nil {
		replyFailure(w, err)
	}
}

func (c *Console) serve(w http.ResponseWriter, r *http.Request) error {
	switch {
	case !c.serves(r.Host):
		return fail(http.StatusMisdirectedRequest, "wrong-host", "the console does not accept this Host header: use a loopback address, or add the host with WithHosts")
	case r.URL.Path == "/2010-04-01" || strings.HasPrefix(r.URL.Path, "/2010-04-01/"):
		return noSuchPath()
	case c.foreign(r):
		return fail(http.StatusForbidden, "cross-origin", "requests from a page of another origin are refused")
	case r.URL.Path == "":
		w.Header().Set("Location", "./"+path.Base(prefixOf(r))+"/") // relative, so that it stays on this host
		w.WriteHeader(http.StatusTemporaryRedirect)
		return nil
	case r.URL.Path != path.Clean(r.URL.Path) && r.URL.Path != path.Clean(r.URL.Path)+"/":
		return noSuchPath()
	}
	c.mux.ServeHTTP(w, r)
	return nil
}

var tokenNeeded = fail(http.StatusUnauthorized, "token-needed", "open the address that the program printed: it contains the token for this page")
