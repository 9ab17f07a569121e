package payments

import (
	"errors"
	"net"
	"net/url"
	"strings"
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

func checkBaseURL(base string) (string, error) {
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return "", optionError("WithBaseURL", "must be an absolute URL with a host")
	case u.User != nil:
		return "", optionError("WithBaseURL", "must not hold credentials")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", optionError("WithBaseURL", "must have neither query nor fragment")
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		return "", optionError("WithBaseURL", "must be https; http is for loopback addresses alone")
	}
	return strings.TrimSuffix(u.String(), "/") + "/", nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func isLabel(s string) bool {
	return s != "" && len(s) <= 63 && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
}
