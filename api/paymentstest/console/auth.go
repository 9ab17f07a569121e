package console

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"
)

// key derives a value from the token that does not give the token away.
func (c *Console) key(of string) string {
	mac := hmac.New(sha256.New, []byte(c.config.token))
	mac.Write([]byte(of))
	return hex.EncodeToString(mac.Sum(nil))
}

// cookieName differs from console to console: browsers keep one set of cookies
// for all ports of a host.
func (c *Console) cookieName() string { return "console-" + c.instance }

// known reports whether a request comes from somebody who has the token.
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

// opens reports whether a token is the right one. While too many wrong ones come,
// none is looked at, so that a chosen token cannot be guessed; cookies open the
// console all the while.
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
		return fail(http.StatusUnauthorized, "wrong-token", "this token does not open the console: it is from another start of the program. Open the address that it printed last")
	}
	c.setCookie(w, r, c.cookie, 0)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// end takes the cookie away.
func (c *Console) end(w http.ResponseWriter, r *http.Request) error {
	if err := read(w, r, &struct{}{}); err != nil {
		return err
	}
	c.setCookie(w, r, "", -1)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (c *Console) setCookie(w http.ResponseWriter, r *http.Request, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{ // #nosec G124 -- Secure where there is TLS; loopback has none
		Name: c.cookieName(), Value: value, Path: prefixOf(r) + apiPath, MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	})
}

// prefixOf is what the console is mounted under: what a browser asked for
// without what is left for the handler.
func prefixOf(r *http.Request) string {
	asked, _, _ := strings.Cut(r.RequestURI, "?")
	if prefix, ok := strings.CutSuffix(asked, r.URL.EscapedPath()); ok && strings.HasPrefix(asked, "/") {
		return prefix
	}
	return ""
}
