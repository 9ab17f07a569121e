package console

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"
)

// key derives a value from the token that does not reveal the token.
func (c *Console) key(of string) string {
	mac := hmac.New(sha256.New, []byte(c.config.token))
	mac.Write([]byte(of))
	return hex.EncodeToString(mac.Sum(nil))
}

// cookieName differs between consoles, because browsers share cookies among all
// ports of a host.
func (c *Console) cookieName() string { return "console-" + c.instance }

// known reports whether a request carries the token or its cookie.
func (c *Console) known(r *http.Request) bool {
	if given, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); bearer {
		return c.opens(given)
	}
	for _, cookie := range r.CookiesNamed(c.cookieName()) {
		if same(cookie.Value, c.cookie) {
			return true
		}
	}
	return false
}

// opens reports whether a token is correct. After too many wrong tokens it
// rejects all of them for a while, so that a chosen token cannot be guessed.
// Cookies work throughout.
func (c *Console) opens(token string) bool {
	if !c.wrong.has() {
		return false
	}
	if same(token, c.config.token) {
		return true
	}
	c.wrong.take()
	return false
}

func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// open exchanges the token for the cookie.
func (c *Console) open(w http.ResponseWriter, r *http.Request) error {
	var command struct {
		Token string `json:"token"`
	}
	if err := read(w, r, &command); err != nil {
		return err
	}
	if !c.opens(command.Token) {
		return fail(http.StatusUnauthorized, "wrong-token", "this token is not valid: the program was probably restarted. Open the address that it printed last")
	}
	c.setCookie(w, r, c.cookie, 0)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// end deletes the cookie.
func (c *Console) end(w http.ResponseWriter, r *http.Request) error {
	if err := read(w, r, &struct{}{}); err != nil {
		return err
	}
	c.setCookie(w, r, "", -1)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (c *Console) setCookie(w http.ResponseWriter, r *http.Request, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{ // #nosec G124 -- Secure with TLS; loopback has no TLS
		Name: c.cookieName(), Value: value, Path: prefixOf(r) + apiPath, MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	})
}

// prefixOf returns the prefix that the console is mounted under: the requested
// path without the part that is left for the handler.
func prefixOf(r *http.Request) string {
	asked, _, _ := strings.Cut(r.RequestURI, "?")
	if prefix, ok := strings.CutSuffix(asked, r.URL.EscapedPath()); ok && strings.HasPrefix(asked, "/") {
		return prefix
	}
	return ""
}
