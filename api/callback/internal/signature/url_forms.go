package signature

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What Twilio signs is the URL as it stands in its own data; what arrives was
// escaped by its HTTP client and perhaps by a proxy. The two differ in the port,
// and in characters that may be escaped or not. Twilio's library for Node.js
// accepts the widest set of forms, and these are the same: nothing passes that
// the library would refuse, but for the scheme's own port where the URL has
// another. There are three as written and four derived at the most, and for a
// URL with nothing unusual in it two in all.

// Written returns the forms that differ in the port only, the likeliest first:
// the one given, none, the scheme's own.
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

// derived returns the forms that the URL has when it is normalised, and then
// when its query is encoded again: each without a port and with one. Those of
// written are left out.
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
	normal, ok := t.normalised()
	if !ok {
		return forms, 0
	}
	add(normal)
	if normal.Query, ok = reencodedQuery(normal.Query); ok {
		add(normal)
	}
	return forms, n
}

// maxQueryPairs is how many pairs of a query can be encoded again. The library
// drops what is beyond them, so that anyone could append to a signed URL there.
const maxQueryPairs = 1000

// reencodedQuery returns the query, which is normalised, decoded and encoded
// again as the module querystring of Node.js does: a space is %20, only letters,
// digits and -_.!~*'() stand for themselves, every pair has an equals sign, and
// the values of a repeated name stand together. A query that is not UTF-8 when
// it is decoded has no such form, because it could no longer be distinguished from others.
func reencodedQuery(query string) (string, bool) {
	if len(query) < 2 {
		return query, true
	}
	type pair struct {
		name, value string
		index       int64 // as a key of a JavaScript object: integers come first, in order
		group       int   // the place of its name among all names
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

// notIndex sorts a name that is no integer after all that are.
const notIndex = 1<<32 - 1

// objectIndex returns name as an index of a JavaScript object, notIndex when it
// is none.
func objectIndex(name string) int64 {
	n, err := strconv.ParseUint(name, 10, 32)
	if err != nil || n >= notIndex || strconv.FormatUint(n, 10) != name {
		return notIndex
	}
	return int64(n)
}

// unescapeLeniently undoes the escapes of a form and leaves a broken one as it
// is.
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
