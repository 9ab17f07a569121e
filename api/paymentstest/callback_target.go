package paymentstest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/twiliopay/twiliopay-go/internal/hosturl"
)

// overrides are how a delivery is tried, from the fragment of its URL.
// See https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
type overrides struct {
	retries int
	policy  string // what is tried again: ct, rt, 4xx, 5xx or all, in commas
	connect time.Duration
	read    time.Duration
	total   time.Duration
}

func defaultOverrides() overrides {
	return overrides{
		retries: 1, policy: ",ct,",
		connect: 5 * time.Second, read: 15 * time.Second, total: 15 * time.Second,
	}
}

// retry reports whether a failed attempt, of which tries were made, is tried
// again.
func (o overrides) retry(class string, tries int) bool {
	return class != "" && tries <= o.retries && (strings.Contains(o.policy, ","+class+",") || strings.Contains(o.policy, ",all,"))
}

// readOverrides reads a fragment such as "rc=2&rp=5xx". What is not
// understood, or out of range, leaves the default.
func readOverrides(fragment string) overrides {
	o := defaultOverrides()
	for pair := range strings.FieldsFuncSeq(fragment, func(r rune) bool { return r == '&' }) {
		name, value, _ := strings.Cut(pair, "=")
		n, err := strconv.Atoi(value)
		switch {
		case name == "rp":
			o.policy = "," + value + ","
		case err != nil:
		case name == "rc" && n >= 0 && n <= 5:
			o.retries = n
		case name == "ct" && n >= 100 && n <= 10_000:
			o.connect = time.Duration(n) * time.Millisecond
		case name == "rt" && n >= 100 && n <= 15_000:
			o.read = time.Duration(n) * time.Millisecond
		case name == "tt" && n >= 100 && n <= 15_000:
			o.total = time.Duration(n) * time.Millisecond
		}
	}
	return o
}

// ErrNotLocal is why a callback was not delivered: its host is neither this
// machine, nor handled in process by [Server.Handle], nor one of
// [WithCallbackHosts]; or it resolves to an address that is not its own.
var ErrNotLocal = errors.New("paymentstest: callbacks go to loopback addresses only: give Server.Handle a handler for the host, or name it with WithCallbackHosts")

// readTarget splits a StatusCallback into where to post and how to try.
func readTarget(raw string, ignoreOverrides bool) (*url.URL, overrides, error) {
	raw, fragment, _ := strings.Cut(raw, "#")
	o := defaultOverrides()
	if fragment != "" && !ignoreOverrides {
		o = readOverrides(fragment)
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || strings.ContainsAny(raw, " \t") || u.Scheme != "http" && u.Scheme != "https" {
		return nil, o, errors.New("paymentstest: StatusCallback is not an absolute http or https URL")
	}
	return u, o, nil
}

// newSender returns the client for callbacks that leave the process. Where they
// go is decided by the address that is dialled: a name proves nothing, since its
// owner decides what it resolves to.
func newSender(c *config) *http.Client {
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
func (c *config) posts(host string) bool {
	return slices.Contains(c.callbackHosts, strings.ToLower(host))
}

// looksLocal reports whether a callback's host may be this machine, so that it
// is worth resolving: a test's production URLs are not looked up.
func looksLocal(host string) bool {
	return hosturl.IsLoopback(host) || strings.HasSuffix(strings.ToLower(strings.TrimSuffix(host, ".")), ".localhost")
}
