package node

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

const authToken = "0123456789abcdef0123456789abcdef"

// addresses is how many URLs are compared in one run.
const addresses = 2500

// address is a URL as it arrives, and texts that may have been signed.
type address struct {
	URL    string   `json:"url"`
	Signed []string `json:"signed"`
}

// verdict is the Node.js library's verdict on a signature over Text.
type verdict struct {
	Text, Signature string
	Valid           bool
}

// Signatures that Twilio's validator accepts are accepted, and those it refuses
// are refused. One exception: the scheme's default port is also accepted in a
// signature for a URL that has another port.
func TestSignaturesAgreeWithTwilioNode(t *testing.T) {
	t.Parallel()
	if why := missing(); why != "" {
		t.Skip("node: " + why)
	}
	random := rand.New(rand.NewPCG(1, 2))
	params := map[string]string{"CallSid": "CA0123456789abcdef0123456789abcdef", "Result": "success", "ü": "é'|"}
	all := make([]address, addresses)
	for i := range all {
		u := randomURL(random)
		all[i] = address{u, append(variants(u), forged(random, u)...)}
	}
	results := validate(t, params, all)

	form := url.Values{}
	for name, value := range params {
		form.Set(name, value)
	}
	passes := verifier(t, form)
	var cases, accepted, tooStrict, tooLax, otherPort int
	for i, a := range all {
		for _, v := range results[i] {
			cases++
			if v.Valid {
				accepted++
			}
			switch ours := passes(a.URL, v.Signature); {
			case ours == v.Valid:
			case v.Valid:
				tooStrict++
				t.Errorf("arrives %q, signed %q: the library accepts it, and it is refused", a.URL, v.Text)
			case ownPort(a.URL) == v.Text:
				otherPort++
			default:
				tooLax++
				t.Errorf("arrives %q, signed %q: the library refuses it, and it is accepted", a.URL, v.Text)
			}
			if t.Failed() && tooStrict+tooLax > 20 {
				t.FailNow()
			}
		}
	}
	if accepted < addresses || cases-accepted < addresses {
		t.Errorf("%d signatures accepted and %d refused, want at least one of each for a URL", accepted, cases-accepted)
	}
	t.Logf("| npm twilio: %d URLs, %d signatures, of which it accepts %d; %d differences where it says valid, %d where it says invalid, and %d signatures with the scheme's own port for another",
		addresses, cases, accepted, tooStrict, tooLax, otherPort)
}

func validate(t *testing.T, params map[string]string, all []address) [][]verdict {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	input, err := json.Marshal(map[string]any{"token": authToken, "params": params, "urls": all})
	if err != nil {
		t.Fatal(err)
	}
	script := exec.CommandContext(ctx, "node", "validate.js")
	var said, complained bytes.Buffer
	script.Stdin, script.Stdout, script.Stderr = bytes.NewReader(input), &said, &complained
	if err := script.Run(); err != nil {
		t.Fatalf("%v: %s", err, complained.String())
	}
	var results [][]verdict
	if err := json.Unmarshal(said.Bytes(), &results); err != nil || len(results) != len(all) {
		t.Fatalf("%d results, want %d; %v", len(results), len(all), err)
	}
	return results
}

// verifier returns a function that reports whether a delivery to a URL passes.
func verifier(t *testing.T, form url.Values) func(address, signature string) bool {
	t.Helper()
	const header = "Arrives"
	verify, err := callback.Verify(callback.WithAuthTokens(authToken), callback.WithLogger(slog.New(slog.DiscardHandler)),
		callback.WithPublicURLFunc(func(r *http.Request) string { return r.Header.Get(header) }))
	if err != nil {
		t.Fatal(err)
	}
	h := verify(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	body := form.Encode()
	return func(address, signature string) bool {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Twilio-Signature", signature)
		r.Header.Set(header, address)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code == http.StatusNoContent
	}
}

// randomURL returns a URL with characters that are likely to be escaped in two
// ways. Its escapes decode to UTF-8; others are refused on purpose.
func randomURL(random *rand.Rand) string {
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	pieces := []string{
		"a", "B", "0", "7", "O'Hara", "O%27Hara", "jane@x", "jane%40x", "a+b", "a%20b", "a%2Bb", "|", "%7C", "%7c", ":", "%3a", "é", "%C3%A9", "%c3%a9",
		"日本", "!", "*", "(x)", "~", "$", ",", ";", "%", "%4", "%zz", "\"", "<b>", "`", "{x}", "[1]", "%2F", "%2e", ".", "..", "\\", "-_.",
	}
	var b strings.Builder
	b.WriteString(pick("https://", "https://", "http://", "HTTPS://"))
	b.WriteString(pick("", "", "", "user:pass@", "u%40x:p@", "user@", "user:@", "a|b:c^d@"))
	b.WriteString(pick("pay.example.com", "Pay.Example.COM", "localhost", "bücher.example", "Bücher.Example", "xn--bcher-kva.example", "127.0.0.1", "[2001:DB8::1]", "[::1]", "h.example."))
	b.WriteString(pick("", "", "", ":443", ":80", ":8443", ":0443", ":"))
	for range random.IntN(4) {
		b.WriteString("/")
		for range random.IntN(3) {
			b.WriteString(pick(pieces...))
		}
	}
	if random.IntN(5) == 0 {
		return b.String()
	}
	b.WriteString("?")
	for i := range random.IntN(5) {
		if i > 0 {
			b.WriteString(pick("&", "&", "&", "&&"))
		}
		b.WriteString(pick("a", "b", "10", "9", "007", "__proto__", "", "na+me", "x%20y", "é"))
		if random.IntN(6) == 0 {
			continue
		}
		b.WriteString("=")
		for range random.IntN(4) {
			b.WriteString(pick(append(pieces, "=", "?", "/")...))
		}
	}
	return b.String()
}

// variants are texts that a back end may have signed for u, independent of what
// a validator derives.
func variants(u string) []string {
	before, query, hasQuery := strings.Cut(u, "?")
	all := []string{
		u, ownPort(u), strings.ToLower(u), strings.ReplaceAll(u, "'", "%27"), strings.ReplaceAll(u, "%27", "'"),
		strings.ReplaceAll(u, "+", "%20"), strings.ReplaceAll(u, "%20", "+"), strings.ReplaceAll(u, "@", "%40"), strings.ReplaceAll(u, "|", "%7C"),
	}
	if parsed, err := url.Parse(u); err == nil {
		all = append(all, parsed.String(), parsed.JoinPath().String())
		parsed.Host = parsed.Hostname()
		all = append(all, parsed.String())
	}
	if values, err := url.ParseQuery(query); err == nil && hasQuery {
		all = append(all, before+"?"+values.Encode(), before+"?"+strings.ReplaceAll(values.Encode(), "+", "%20"))
	}
	if plain, err := url.PathUnescape(u); err == nil {
		all = append(all, plain)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// forged are texts with another meaning than u.
func forged(random *rand.Rand, u string) []string {
	before, query, _ := strings.Cut(u, "?")
	pairs := strings.Split(query, "&")
	slices.Reverse(pairs)
	at := random.IntN(len(u))
	return []string{
		u + "&evil=1", u + "1", u[:len(u)-1], before, before + "/?" + query, before + "?" + strings.Join(pairs, "&"), before + "?" + strings.Join(pairs[1:], "&"),
		strings.Replace(u, "https", "http", 1), strings.Replace(u, "pay.", "evil.", 1), strings.ToValidUTF8(u[:at]+"z"+u[at+1:], ""),
	}
}

// ownPort returns u with the scheme's default port in place of any other.
func ownPort(u string) string {
	scheme, rest, _ := strings.Cut(u, "://")
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	host := rest[:end]
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexAny(host, "@]") {
		host = host[:i]
	}
	port := ":443"
	if strings.EqualFold(scheme, "http") {
		port = ":80"
	}
	return scheme + "://" + host + port + rest[end:]
}
