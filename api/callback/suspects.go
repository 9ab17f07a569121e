package callback

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/callback/internal/signature"
)

// suspect is a text to try in place of one part of a request, and what it means
// if that was signed. The meaning holds no value of the request.
type suspect struct {
	text    string
	meaning string
}

// address is a URL, split into the parts that may differ; host has the user info.
type address struct{ scheme, host, port, path, query string }

func addressOf(t signature.URL) address {
	scheme, authority, _ := strings.Cut(t.Head, "://")
	return address{scheme, authority, t.Port, t.Path, t.Query}
}

func (a address) target() signature.URL {
	return signature.URL{Head: a.scheme + "://" + a.host, Port: a.port, Path: a.path, Query: a.query}
}

// How many query pairs and parameters are left out one at a time.
const (
	maxPairsLeftOut      = 8
	maxParametersLeftOut = 40
)

// suspectsOf lists, for each part of the URL, what proxies and frameworks are
// known to change it from. It is the only code that reads headers such as
// X-Forwarded-Host, which any sender can write.
func suspectsOf(r *http.Request, a address) map[Part][]suspect {
	header := func(name string) string {
		value, _, _ := strings.Cut(r.Header.Get(name), ",")
		return strings.TrimSpace(value)
	}
	all := make(map[Part][]suspect)
	add := func(part Part, given, text, meaning string) {
		if text != given && len(text) <= maxSuspect && !slices.ContainsFunc(all[part], func(s suspect) bool { return s.text == text }) {
			all[part] = append(all[part], suspect{text, meaning})
		}
	}
	other := "https"
	if strings.EqualFold(a.scheme, "https") {
		other = "http"
	}
	add(PartScheme, a.scheme, other, "")

	ports := []string{header("X-Forwarded-Port")}
	for _, name := range [...]string{"", "X-Forwarded-Host", "X-Original-Host", "Forwarded"} {
		host := header(name)
		switch name {
		case "":
			host = r.Host
		case "Forwarded":
			host = forwardedHost(host)
		}
		if t := signature.Cut("x://" + host); host != "" && isHost(host) {
			add(PartHost, a.host, strings.TrimPrefix(t.Head, "x://"), "")
			ports = append(ports, strings.TrimPrefix(t.Port, ":"))
		}
	}
	bare := a.host[strings.LastIndexByte(a.host, '@')+1:]
	add(PartHost, a.host, bare, "") // the signature may lack the user info
	if name, found := strings.CutPrefix(bare, "www."); found {
		add(PartHost, a.host, name, "")
	} else {
		add(PartHost, a.host, "www."+bare, "")
	}
	for _, port := range append(ports, "8080", "8443", "3000", "5000", "4040") {
		if _, ok := signature.NormalPort(":" + port); ok && port != "" {
			add(PartPort, a.port, ":"+port, "")
		}
	}

	if path, found := strings.CutSuffix(a.path, "/"); found {
		add(PartPath, a.path, path, "")
	} else {
		add(PartPath, a.path, a.path+"/", "")
	}
	add(PartPath, a.path, r.URL.EscapedPath(), "")
	for _, name := range [...]string{"X-Original-Uri", "X-Original-Url", "X-Forwarded-Uri", "X-Rewrite-Url"} {
		if t := signature.Cut(header(name)); strings.HasPrefix(header(name), "/") {
			t.Path, t.Query, _ = cutQuery(header(name))
			add(PartPath, a.path, t.Path, "")
			add(PartQuery, a.query, t.Query, "it is the one reported by the proxy")
		}
	}
	if prefix := header("X-Forwarded-Prefix"); strings.HasPrefix(prefix, "/") {
		add(PartPath, a.path, strings.TrimSuffix(prefix, "/")+a.path, "")
	}
	add(PartPath, a.path, strings.ReplaceAll(a.path, "%25", "%"), "")
	if path, err := url.PathUnescape(a.path); err == nil {
		add(PartPath, a.path, path, "")
	}

	if r.URL.RawQuery != "" {
		add(PartQuery, a.query, "?"+r.URL.RawQuery, "it is the one received")
	}
	add(PartQuery, a.query, "", "none was signed")
	if len(a.query) > 1 {
		pairs := strings.Split(a.query[1:], "&")
		sorted := slices.Sorted(slices.Values(pairs))
		add(PartQuery, a.query, "?"+strings.Join(sorted, "&"), "its pairs were signed in another order")
		slices.Reverse(sorted)
		add(PartQuery, a.query, "?"+strings.Join(sorted, "&"), "its pairs were signed in another order")
		reversed := slices.Clone(pairs)
		slices.Reverse(reversed)
		add(PartQuery, a.query, "?"+strings.Join(reversed, "&"), "its pairs were signed in another order")
		add(PartQuery, a.query, strings.ReplaceAll(a.query, "%25", "%"), "it was escaped twice")
		if plain, err := url.QueryUnescape(a.query[1:]); err == nil {
			add(PartQuery, a.query, "?"+plain, "it was signed without escapes")
		}
		for i := range pairs[:min(len(pairs), maxPairsLeftOut)] {
			if rest := slices.Delete(slices.Clone(pairs), i, i+1); len(rest) > 0 {
				add(PartQuery, a.query, "?"+strings.Join(rest, "&"), "one of its pairs was not signed")
			}
		}
	}
	return all
}

// maxSuspect is the longest suspect that is tried.
const maxSuspect = 8 << 10

func cutQuery(target string) (path, query string, found bool) {
	path, query, found = strings.Cut(target, "?")
	if found {
		query = "?" + query
	}
	return path, query, found
}

// forwardedHost returns the host of a Forwarded header (RFC 7239).
func forwardedHost(value string) string {
	for pair := range strings.SplitSeq(value, ";") {
		if name, host, _ := strings.Cut(strings.TrimSpace(pair), "="); strings.EqualFold(name, "host") {
			return strings.Trim(host, `"`)
		}
	}
	return ""
}

// formSuspect is a form to try in place of the one received.
type formSuspect struct {
	form    signature.Form
	meaning string
}

// formSuspects lists what middleware is known to change a form from.
func formSuspects(f signature.Form, query string) []formSuspect {
	if len(f) == 0 {
		return nil
	}
	all := []formSuspect{{nil, "no parameters were signed"}}
	add := func(meaning string, change func(signature.Parameter) (signature.Parameter, bool)) {
		changed := make(signature.Form, 0, len(f))
		for _, p := range f {
			if p, keep := change(p); keep {
				changed = append(changed, p)
			}
		}
		if !slices.Equal(changed, f) {
			all = append(all, formSuspect{changed, meaning})
		}
	}
	add("a plus sign was read as a space", func(p signature.Parameter) (signature.Parameter, bool) {
		return signature.Parameter{Key: p.Key, Value: strings.ReplaceAll(p.Value, " ", "+")}, true
	})
	add("line ends were changed", func(p signature.Parameter) (signature.Parameter, bool) {
		return signature.Parameter{Key: p.Key, Value: strings.ReplaceAll(strings.ReplaceAll(p.Value, "\r\n", "\n"), "\n", "\r\n")}, true
	})
	add("empty parameters were added", func(p signature.Parameter) (signature.Parameter, bool) { return p, p.Value != "" })
	if values, err := url.ParseQuery(strings.TrimPrefix(query, "?")); err == nil {
		add("the query's parameters were added", func(p signature.Parameter) (signature.Parameter, bool) { return p, !values.Has(p.Key) })
	}
	for i := range f[:min(len(f), maxParametersLeftOut)] {
		all = append(all, formSuspect{slices.Delete(slices.Clone(f), i, i+1), "one of its parameters was not signed"})
	}
	return all
}
