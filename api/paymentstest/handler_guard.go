package paymentstest

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/twiliopay/twiliopay-go/internal/hosturl"
)

// guard protects a server that listens on a socket, because a page in the
// developer's browser can send requests there as well. It refuses a Host that
// is not the server's, which is what DNS rebinding needs, and requests that a
// browser sends for a page of another origin.
type guard struct {
	config *config
	url    string
	addr   string
	port   string
	greets bool // a person who opens the address in a browser
	api    http.Handler
	other  atomic.Pointer[http.Handler] // see ServeOther
	work   *work
	report *reporter
	cross  *http.CrossOriginProtection
}

func newGuard(c *config, l net.Listener, url string, api *handler) *guard {
	g := &guard{config: c, url: url, api: api, work: api.work, report: api.report, greets: api.report.tb == nil, cross: http.NewCrossOriginProtection()}
	if !c.inMemory {
		g.addr = l.Addr().String()
		_, g.port, _ = net.SplitHostPort(g.addr)
	}
	return g
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if g.config.inMemory { // no browser reaches it
		if !g.serveOther(w, r) {
			g.api.ServeHTTP(w, r)
		}
		return
	}
	switch {
	case g.serves(r.Host) && g.serveOther(w, r):
	case g.greets && r.Method == http.MethodGet && r.URL.Path == "/" && g.serves(r.Host):
		g.greet(w)
	case !g.serves(r.Host):
		g.refuse(w, r, http.StatusMisdirectedRequest, "this Host is not served here: use "+g.url+", or name the host with WithHosts")
	case g.cross.Check(r) != nil:
		g.refuse(w, r, http.StatusForbidden, "requests that a web page of another origin sends are refused")
	default:
		g.api.ServeHTTP(w, r)
	}
}

// apiPrefix starts the paths of the simulated API.
const apiPrefix = "/2010-04-01"

// ServeOther lets h serve all paths outside /2010-04-01, such as the page of package
// console; with nil the simulation refuses them. h gets no requests for a Host that
// is not the server's, and must itself refuse requests that a page of another origin
// sends. [Server.ServeHTTP] does not call h.
func (s *Server) ServeOther(h http.Handler) {
	if h == nil {
		s.guard.other.Store(nil)
		return
	}
	s.guard.other.Store(&h)
}

// serveOther reports whether the handler of ServeOther has served the request.
func (g *guard) serveOther(w http.ResponseWriter, r *http.Request) bool {
	other := g.other.Load()
	if other == nil || r.URL.Path == apiPrefix || r.URL.Path == tokenPath || strings.HasPrefix(r.URL.Path, apiPrefix+"/") {
		return false
	}
	if !g.work.enter() {
		panic(http.ErrAbortHandler) // closed
	}
	defer g.work.leave()
	(*other).ServeHTTP(w, r)
	return true
}

// greet explains the server to a person who opens its address in a browser.
func (g *guard) greet(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = fmt.Fprintf(w, "This is a simulation of Twilio's Payments resource.\n\nPOST /2010-04-01/Accounts/%s/Calls/{CallSid}/Payments.json starts a payment.\n", g.config.credentials.main) // #nosec G705 -- plain text of an account SID that was checked
}

// serves reports whether a Host header names this server. Only names can be rebound,
// so a server for other machines accepts every IP address.
func (g *guard) serves(hostport string) bool {
	if hostport == g.addr {
		return true
	}
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		host, port = strings.Trim(hostport, "[]"), "80"
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	c := g.config
	switch {
	case slices.Contains(c.hosts, host):
		return true
	case c.anyAddr:
		return hosturl.IsLoopback(host) || net.ParseIP(host) != nil
	}
	return hosturl.IsLoopback(host) && port == g.port
}

// refuse responds before the body is read or anything is recorded.
func (g *guard) refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	g.report.warn("request refused", slog.String("host", quote(r.Host)), slog.Int("status", status), slog.String("reason", why))
	g.report.note(why, func() string {
		return fmt.Sprintf("a request for host %s is refused with %d: %s", quote(r.Host), status, why)
	})
	body, err := json.Marshal(struct {
		Message string `json:"message"`
		Status  int    `json:"status"`
	}{"paymentstest: " + why, status})
	if err != nil {
		panic(err) // a number and text can always be encoded
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Connection", "close")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
