package paymentstest

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/twiliopay/twiliopay-go/internal/hosturl"
)

// newPoster returns the client for callbacks that leave the process. Where they
// go is decided by the address that is dialled: a name proves nothing, since its
// owner decides what it resolves to.
func newPoster(c config) *http.Client {
	local := &net.Dialer{Timeout: 10 * time.Second, Control: func(_, addr string, _ syscall.RawConn) error {
		return permit(addr, netip.Addr.IsLoopback)
	}}
	named := &net.Dialer{Timeout: 10 * time.Second, Control: func(_, addr string, _ syscall.RawConn) error {
		return permit(addr, ordinary)
	}}
	literal := &net.Dialer{Timeout: 10 * time.Second}
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		host, _, _ := net.SplitHostPort(addr)
		switch {
		case !c.posts(host):
			return local.DialContext(ctx, network, addr)
		case net.ParseIP(host) == nil:
			return named.DialContext(ctx, network, addr)
		}
		return literal.DialContext(ctx, network, addr)
	}
	return &http.Client{
		CheckRedirect: noRedirect,
		Transport:     &http.Transport{DialContext: dial, TLSClientConfig: c.callbackTLS, MaxIdleConnsPerHost: 64},
	}
}

// permit refuses to connect to an address, an IP address and a port, that the
// rule does not allow.
func permit(addr string, rule func(netip.Addr) bool) error {
	if ap, err := netip.ParseAddrPort(addr); err == nil && rule(ap.Addr().Unmap()) {
		return nil
	}
	return ErrNotLocal
}

// ordinary leaves out the addresses that no name given to WithCallbackHosts
// stands for: link-local ones, where clouds serve credentials, and those of
// groups.
func ordinary(a netip.Addr) bool {
	return !a.IsLinkLocalUnicast() && !a.IsMulticast() && !a.IsUnspecified()
}

// posts reports whether WithCallbackHosts names the host.
func (c config) posts(host string) bool {
	return slices.Contains(c.callbackHosts, strings.ToLower(host))
}

// looksLocal reports whether a callback's host may be this machine, so that it
// is worth resolving: a test's production URLs are not looked up.
func looksLocal(host string) bool {
	return hosturl.IsLoopback(host) || strings.HasSuffix(strings.ToLower(strings.TrimSuffix(host, ".")), ".localhost")
}
