package signature

import (
	"strings"
	"unicode"
)

// URL is an absolute URL, split where the forms that Twilio may have signed
// differ. It is split and not parsed: the signature covers the text, so nothing may
// be lower-cased, decoded or cleaned, and user info stays in place.
type URL struct {
	Head  string // scheme, user info and host
	Port  string // with its colon; empty when the URL has none
	Path  string
	Query string // with its question mark; empty when the URL has none
}

// Cut splits url. It drops the fragment, which Twilio neither sends nor signs.
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

// DefaultPort returns the scheme's default port, with a colon.
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

// Parameter returns the first value of a query parameter and the number of values.
// It unescapes names, because a later reader of the query does so too.
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

// maxShown is how many bytes of a URL are logged, because the sender chooses its path.
const maxShown = 256

// Shown returns the URL for a log: without query and user info, which may hold
// secrets, printable, and cut to a line.
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
