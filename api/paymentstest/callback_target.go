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

// overrides are timeouts and retries of a delivery, from the fragment of its URL.
// See https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
type overrides struct {
	retries int
	policy  string // what is retried: ct, rt, 4xx, 5xx or all, between commas
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

// retry reports whether to retry after a number of tries of which the last failed.
func (o overrides) retry(class string, tries int) bool {
	return class != "" && tries <= o.retries && (strings.Contains(o.policy, ","+class+",") || strings.Contains(o.policy, ",all,"))
}

// readOverrides reads a fragment such as "rc=2&rp=5xx". Unknown parameters and values
// out of range are ignored.
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
// [WithCallbackHosts]; or it resolves to an address that is not permitted.
var ErrNotLocal = errors.New("paymentstest: callbacks go to loopback addresses only: give Server.Handle a handler for the host, or name it with WithCallbackHosts")

// readTarget splits a StatusCallback into the URL and the overrides.
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

// newSender returns the client for callbacks that leave the process. It checks the
// address that is dialled: a name proves nothing, because its owner decides what it
// resolves to.
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

// permit refuses to connect to an address that the rule does not allow.
func permit(addr string, rule func(netip.Addr) bool) error {
	if ap, err := netip.ParseAddrPort(addr); err == nil && rule(ap.Addr().Unmap()) {
		return nil
	}
	return ErrNotLocal
}

// ordinary reports whether a name of WithCallbackHosts may resolve to an address.
// Link-local addresses, where clouds serve credentials, and multicast are excluded.
func ordinary(a netip.Addr) bool {
	return !a.IsLinkLocalUnicast() && !a.IsMulticast() && !a.IsUnspecified()
}

// posts reports whether WithCallbackHosts names the host.
func (c *config) posts(host string) bool {
	return slices.Contains(c.callbackHosts, strings.ToLower(host))
}

// looksLocal reports whether a callback's host may be this machine. Others are not
// resolved: a test must not look up its production URLs.
func looksLocal(host string) bool {
	return hosturl.IsLoopback(host) || strings.HasSuffix(strings.ToLower(strings.TrimSuffix(host, ".")), ".localhost")
}
