package callback

import (
	"strings"
	"unicode"
)

// target is an absolute URL, cut where the forms that Twilio may have signed
// differ. It is cut and not parsed: what is signed is the text, so nothing may
// be lower-cased, decoded or cleaned, and user info stays where it is.
type target struct {
	head string // scheme, user info and host
	port string // with its colon; empty when the URL has none
	path string
	qry  string // with its question mark; empty when the URL has none
}

// cutURL cuts url. Its fragment is dropped: Twilio neither sends nor signs it.
func cutURL(url string) target {
	if i := strings.IndexByte(url, '#'); i >= 0 {
		url = url[:i]
	}
	var t target
	start := 0
	if i := strings.Index(url, "://"); i >= 0 {
		start = i + len("://")
	}
	end := len(url)
	if i := strings.IndexAny(url[start:], "/?"); i >= 0 {
		end = start + i
	}
	t.head, t.path = url[:end], url[end:]
	if i := strings.IndexByte(t.path, '?'); i >= 0 {
		t.path, t.qry = t.path[:i], t.path[i:]
	}
	host := start + strings.LastIndexByte(t.head[start:], '@') + 1
	if i := strings.LastIndexByte(t.head[host:], ':'); i >= 0 && !strings.Contains(t.head[host+i:], "]") {
		t.head, t.port = t.head[:host+i], t.head[host+i:]
	}
	return t
}

// defaultPort returns the port, with its colon, that the scheme stands for.
func (t target) defaultPort() string {
	scheme, _, _ := strings.Cut(t.head, "://")
	switch {
	case strings.EqualFold(scheme, "https"):
		return ":443"
	case strings.EqualFold(scheme, "http"):
		return ":80"
	}
	return ""
}

// parameter returns the value of a query parameter that needs no unescaping,
// "" when there is none.
func (t target) parameter(name string) string {
	for pair := range strings.SplitSeq(strings.TrimPrefix(t.qry, "?"), "&") {
		if key, value, _ := strings.Cut(pair, "="); key == name {
			return value
		}
	}
	return ""
}

// maxShown is how many bytes of a URL are logged: the sender writes its path.
const maxShown = 256

// shown returns the URL for a log: no query and no user info, either of which
// may hold a secret, and no more than fits in a line.
func (t target) shown() string {
	scheme, host, _ := strings.Cut(t.head, "://")
	url := scheme + "://" + host[strings.LastIndexByte(host, '@')+1:] + t.port + t.path
	if len(url) > maxShown {
		url = url[:maxShown] + "…"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, url)
}
