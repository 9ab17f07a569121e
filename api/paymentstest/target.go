package paymentstest

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"
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
