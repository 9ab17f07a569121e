package signature

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Twilio signs the URL as it stores it, but its HTTP client and perhaps a proxy
// escape the URL that arrives. The two differ in the port and in characters that
// may be escaped or not. Twilio's library for Node.js accepts the widest set of
// forms. These are the same forms, plus the scheme's default port where the URL
// has another. At most three are written and four derived; a URL with nothing
// unusual in it has two in total.

// Written returns the forms that differ only in the port, the likeliest first: the
// given port, none, the scheme's default.
func (t URL) Written() (forms [3]URL, n int) {
	for _, port := range [...]string{t.Port, "", t.DefaultPort()} {
		form := t
		form.Port = port
		if !slices.Contains(forms[:n], form) {
			forms[n] = form
			n++
		}
	}
	return forms, n
}

// derived returns the forms that result from normalizing the URL, and from also
// encoding its query again, each without a port and with one. It leaves out those
// in written.
func (t URL) derived(written []URL) (forms [4]URL, n int) {
	add := func(form URL) {
		port := form.Port
		if port == "" {
			port = form.DefaultPort()
		}
		for _, form.Port = range [...]string{"", port} {
			if !slices.Contains(written, form) && !slices.Contains(forms[:n], form) {
				forms[n] = form
				n++
			}
		}
	}
	normal, ok := t.normalized()
	if !ok {
		return forms, 0
	}
	add(normal)
	if normal.Query, ok = reencodedQuery(normal.Query); ok {
		add(normal)
	}
	return forms, n
}

// maxQueryPairs is how many pairs of a query are encoded again. Twilio's library
// drops further pairs, so there anyone could append to a signed URL.
const maxQueryPairs = 1000

// reencodedQuery decodes a normalized query and encodes it again like the module
// querystring of Node.js: a space is %20, all but letters, digits and -_.!~*'()
// are escaped, every pair has an equals sign, and the values of a repeated name
// are adjacent. It reports false for a query that decodes to invalid UTF-8, which
// could not be distinguished from others.
func reencodedQuery(query string) (string, bool) {
	if len(query) < 2 {
		return query, true
	}
	type pair struct {
		name, value string
		index       int64 // JavaScript objects list integer keys first, in order
		group       int   // position of its name among the names
	}
	var pairs []pair
	groups := make(map[string]int)
	for text := range strings.SplitSeq(query[1:], "&") {
		if text == "" {
			continue
		}
		if len(pairs) == maxQueryPairs {
			return "", false
		}
		name, value, _ := strings.Cut(text, "=")
		p := pair{name: unescapeLeniently(name), value: unescapeLeniently(value)}
		if !utf8.ValidString(p.name) || !utf8.ValidString(p.value) {
			return "", false
		}
		group, repeated := groups[p.name]
		if !repeated {
			group = len(groups)
			groups[p.name] = group
		}
		p.index, p.group = objectIndex(p.name), group
		pairs = append(pairs, p)
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		switch {
		case a.index != b.index:
			return int(min(max(a.index-b.index, -1), 1))
		default:
			return a.group - b.group
		}
	})
	b := make([]byte, 1, len(query)+16)
	b[0] = '?'
	for i, p := range pairs {
		if i > 0 {
			b = append(b, '&')
		}
		b = appendEscaped(b, p.name, &queryStringSafe)
		b = append(b, '=')
		b = appendEscaped(b, p.value, &queryStringSafe)
	}
	return string(b), true
}

// notIndex sorts other names after all integers.
const notIndex = 1<<32 - 1

// objectIndex returns name as an integer key of a JavaScript object, or notIndex.
func objectIndex(name string) int64 {
	n, err := strconv.ParseUint(name, 10, 32)
	if err != nil || n >= notIndex || strconv.FormatUint(n, 10) != name {
		return notIndex
	}
	return int64(n)
}

// unescapeLeniently decodes the escapes of a form and keeps broken ones.
func unescapeLeniently(s string) string {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b = append(b, ' ')
		case s[i] == '%' && i+2 < len(s) && hexDigit[s[i+1]]|hexDigit[s[i+2]] <= 0xf:
			b = append(b, hexDigit[s[i+1]]<<4|hexDigit[s[i+2]])
			i += 2
		default:
			b = append(b, s[i])
		}
	}
	return string(b)
}
