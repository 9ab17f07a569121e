package payments

import (
	"errors"
	"net/url"
	"os"
	"strings"

	"github.com/twiliopay/twiliopay-go/internal/hosturl"
)

// regionEdges names the edge of each region, as Twilio's documentation does: a
// host with a region and no edge stopped answering in 2026.
var regionEdges = map[string]string{
	"us1": "ashburn",
	"us2": "umatilla",
	"ie1": "dublin",
	"au1": "sydney",
	"br1": "sao-paulo",
	"de1": "frankfurt",
	"jp1": "tokyo",
	"jp2": "osaka",
	"sg1": "singapore",
}

const (
	defaultServer = "https://api.twilio.com/"
	defaultRegion = "us1"
	ruleLabel     = "must be letters, digits and hyphens"
)

// host returns the server's URL, with a slash at its end.
func (c *config) host() (string, error) {
	region, edge := c.region, c.edge
	switch {
	case c.baseURL != "":
		return c.baseURL, nil
	case region == "" && edge == "":
		return defaultServer, nil
	case region == "":
		region = defaultRegion
	case edge == "":
		if edge = regionEdges[region]; edge == "" {
			return "", errors.New("payments: the region has no edge known here: name one by WithEdge or TWILIO_EDGE")
		}
	}
	if !isLabel(region) || !isLabel(edge) {
		return "", errors.New("payments: TWILIO_REGION and TWILIO_EDGE " + ruleLabel)
	}
	return "https://api." + edge + "." + region + ".twilio.com/", nil
}

// checkBaseURL returns base with a slash at its end, or the rule it breaks.
func checkBaseURL(base string) (checked, broken string) {
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return "", "must be an absolute URL with a host"
	case u.User != nil:
		return "", "must not hold credentials"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", "must have neither query nor fragment"
	case u.Scheme != "https" && (u.Scheme != "http" || !hosturl.IsLoopback(u.Hostname())):
		return "", "must be https; plain http is for loopback addresses only"
	}
	return strings.TrimSuffix(u.String(), "/") + "/", ""
}

// environmentBaseURL reads TWILIO_BASE_URL, which points a program at a
// simulator on the same machine. It takes nothing else: whoever can set a
// variable of a program in production should not be able to send its credentials
// elsewhere.
func environmentBaseURL() (string, error) {
	base := os.Getenv("TWILIO_BASE_URL")
	if base == "" {
		return "", nil
	}
	checked, broken := checkBaseURL(base)
	if broken == "" {
		u, _ := url.Parse(checked)
		if !hosturl.IsLoopback(u.Hostname()) {
			broken = "must be a loopback address, such as http://127.0.0.1:4010; for another server use WithBaseURL"
		}
	}
	if broken != "" {
		return "", errors.New("payments: TWILIO_BASE_URL " + broken)
	}
	return checked, nil
}

func isLabel(s string) bool {
	return s != "" && len(s) <= 63 && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
}
