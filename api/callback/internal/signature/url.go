package signature

import (
	"strings"
	"unicode"
)

// URL is an absolute URL, cut where the forms that Twilio may have signed
// differ. It is cut and not parsed: what is signed is the text, so nothing may
// be lower-cased, decoded or cleaned, and user info stays where it is.
type URL struct {
	Head  string // scheme, user info and host
	Port  string // with its colon; empty when the URL has none
	Path  string
	Query string // with its question mark; empty when the URL has none
}

// Cut cuts url. Its fragment is dropped: Twilio neither sends nor signs it.
func Cut(url string) URL {
	if i := strings.IndexByte(url, '#'); i >= 0 {
		url = url[:i]
	}
	var t URL
	start := 0
	if i := strings.Index(url, "://"); i >= 0 {
		start = i + len("://")
	}
	end := len(url)
	if i := strings.IndexAny(url[start:], "/?"); i >= 0 {
		end = start + i
	}
	t.Head, t.Path = url[:end], url[end:]
	if i := strings.IndexByte(t.Path, '?'); i >= 0 {
		t.Path, t.Query = t.Path[:i], t.Path[i:]
	}
	host := start + strings.LastIndexByte(t.Head[start:], '@') + 1
	if i := strings.LastIndexByte(t.Head[host:], ':'); i >= 0 && !strings.Contains(t.Head[host+i:], "]") {
		t.Head, t.Port = t.Head[:host+i], t.Head[host+i:]
	}
	return t
}

// DefaultPort returns the port, with its colon, that the scheme stands for.
func (t URL) DefaultPort() string {
	scheme, _, _ := strings.Cut(t.Head, "://")
	switch {
	case strings.EqualFold(scheme, "https"):
		return ":443"
	case strings.EqualFold(scheme, "http"):
		return ":80"
	}
	return ""
}

// Parameter returns the first value of a query parameter, and how many there are.
// Whoever reads the query later undoes escapes in names too.
func (t URL) Parameter(name string) (value string, n int) {
	for pair := range strings.SplitSeq(strings.TrimPrefix(t.Query, "?"), "&") {
		key, escaped, _ := strings.Cut(pair, "=")
		if unescapeLeniently(key) != name {
			continue
		}
		if n++; n == 1 {
			value = unescapeLeniently(escaped)
		}
	}
	return value, n
}

// maxShown is how many bytes of a URL are logged: the sender writes its path.
const maxShown = 256

// Shown returns the URL for a log: no query and no user info, either of which
// may hold a secret, and no more than fits in a line.
func (t URL) Shown() string {
	scheme, host, _ := strings.Cut(t.Head, "://")
	url := scheme + "://" + host[strings.LastIndexByte(host, '@')+1:] + t.Port + t.Path
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
