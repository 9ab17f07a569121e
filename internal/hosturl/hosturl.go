// Package hosturl has checks of URL hosts that several packages share.
package hosturl

import (
	"net"
	"strings"
)

// IsLoopback reports whether a host without a port can only be this machine: the
// name localhost in any case, with or without a final dot, or a loopback address.
func IsLoopback(host string) bool {
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
