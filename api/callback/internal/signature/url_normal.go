package signature

import (
	"bufio"
	"bytes"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The characters that the WHATWG URL standard does not escape in each part of a
// URL. A caret in a path is not escaped either, as in the standard until 2024 and
// in the long-term releases of Node.js.
var (
	pathSafe        = safe("\"<>`{}?#")
	querySafe       = safe("\"<>'#")
	userInfoSafe    = safe("\"<>`{}?#/:;=@[\\]^|")
	queryStringSafe = func() (table [256]bool) {
		for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()") {
			table[c] = true
		}
		return table
	}()
)

// safe returns all printable ASCII characters but the space and those in escaped.
func safe(escaped string) (table [256]bool) {
	for c := '!'; c <= '~'; c++ {
		table[c] = !strings.ContainsRune(escaped, c)
	}
	return table
}

// normalized returns the URL as the WHATWG URL standard writes it, like
// `new URL(…).toString()` in Node.js: scheme and host in lower case, no default
// port, no dot segments, special characters escaped. Existing escapes stay. It
// reports false for a URL that the standard refuses, and for some that it allows
// but no server uses: control characters, a host with escapes, and unusual forms
// of an IP address.
func (t URL) normalized() (URL, bool) {
	scheme, authority, ok := strings.Cut(t.Head, "://")
	scheme = strings.ToLower(scheme)
	if !ok || scheme != "https" && scheme != "http" {
		return URL{}, false
	}
	for _, part := range [...]string{authority, t.Path, t.Query} {
		if !utf8.ValidString(part) || strings.ContainsFunc(part, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return URL{}, false
		}
	}
	at := strings.LastIndexByte(authority, '@') + 1
	host, ok := normalHost(authority[at:])
	if !ok {
		return URL{}, false
	}
	n := URL{Head: scheme + "://" + normalUserInfo(authority[:at]) + host, Path: normalPath(t.Path), Query: escaped(t.Query, &querySafe)}
	n.Port, ok = NormalPort(t.Port)
	if n.Port == n.DefaultPort() {
		n.Port = ""
	}
	return n, ok
}

// NormalPort returns a port with its colon, without leading zeros.
func NormalPort(port string) (string, bool) {
	if len(port) < 2 {
		return "", true
	}
	for _, c := range []byte(port[1:]) {
		if c < '0' || c > '9' {
			return "", false
		}
	}
	n, err := strconv.ParseUint(port[1:], 10, 16)
	return ":" + strconv.FormatUint(n, 10), err == nil
}

// normalUserInfo returns user info with its at sign, if it has any.
func normalUserInfo(info string) string {
	user, password, _ := strings.Cut(strings.TrimSuffix(info, "@"), ":")
	switch {
	case user == "" && password == "":
		return ""
	case password == "":
		return escaped(user, &userInfoSafe) + "@"
	}
	return escaped(user, &userInfoSafe) + ":" + escaped(password, &userInfoSafe) + "@"
}

// normalHost returns a host name in lower case and ASCII, or an IP address.
func normalHost(host string) (string, bool) {
	if strings.HasPrefix(host, "[") {
		ip, err := netip.ParseAddr(strings.TrimSuffix(host[1:], "]"))
		return "[" + ip.String() + "]", err == nil && host[len(host)-1] == ']' && ip.Is6() && !ip.Is4In6() && ip.Zone() == ""
	}
	if host == "" || strings.ContainsAny(host, " #%/:<>?@[\\]^|") {
		return "", false
	}
	if strings.ContainsFunc(host, func(r rune) bool { return r >= utf8.RuneSelf }) {
		var ok bool
		if host, ok = asciiHost(host); !ok {
			return "", false
		}
	}
	host = strings.ToLower(host)
	labels := strings.TrimSuffix(host, ".")
	if last := labels[strings.LastIndexByte(labels, '.')+1:]; last != "" && last[0] >= '0' && last[0] <= '9' {
		if _, err := strconv.ParseUint(last, 0, 64); err == nil || strings.Trim(last, "0123456789") == "" {
			ip, err := netip.ParseAddr(host)
			return host, err == nil && ip.Is4()
		}
	}
	return host, true
}

// asciiHost returns an internationalized host name in ASCII. The standard library
// exports no function for this, but it writes the host of a request in that form.
func asciiHost(host string) (string, bool) {
	var b bytes.Buffer
	r := http.Request{Method: http.MethodGet, Host: host, URL: &url.URL{Path: "/"}}
	if err := r.Write(&b); err != nil {
		return "", false
	}
	read, err := http.ReadRequest(bufio.NewReader(&b))
	if err != nil || strings.ContainsFunc(read.Host, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return "", false
	}
	return read.Host, true
}

// normalPath returns the path escaped and without dot segments.
func normalPath(path string) string {
	if path == "" {
		return "/"
	}
	path = strings.ReplaceAll(path, `\`, "/")
	if strings.Contains(path, "/.") || strings.Contains(strings.ToLower(path), "%2e") {
		var kept []string
		segments := strings.Split(path[1:], "/")
		for i, segment := range segments {
			switch strings.ReplaceAll(strings.ToLower(segment), "%2e", ".") {
			default:
				kept = append(kept, segment)
				continue
			case "..":
				kept = kept[:max(len(kept)-1, 0)]
			case ".":
			}
			if i == len(segments)-1 {
				kept = append(kept, "")
			}
		}
		path = "/" + strings.Join(kept, "/")
	}
	return escaped(path, &pathSafe)
}

// escaped returns s with every unsafe byte escaped; a percent sign stays.
func escaped(s string, safe *[256]bool) string {
	for i := range len(s) {
		if !safe[s[i]] {
			return string(appendEscaped(make([]byte, 0, len(s)+16), s, safe))
		}
	}
	return s
}

func appendEscaped(b []byte, s string, safe *[256]bool) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		if safe[c] {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return b
}
