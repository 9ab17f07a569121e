package console

import (
	"cmp"
	"crypto/tls"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// explain reports why an application refuses a callback: which part of what it
// received differs from what was signed.
func (c *Console) explain(w http.ResponseWriter, r *http.Request) error {
	var command struct {
		Callback     int     `json:"callback"`
		PublicURL    string  `json:"publicURL"`
		ReceivedURL  string  `json:"receivedURL"`
		ReceivedBody *string `json:"receivedBody"`
	}
	if err := read(w, r, &command); err != nil {
		return err
	}
	b, err := c.callback(strconv.Itoa(command.Callback))
	if err != nil {
		return err
	}
	if b.Event.AccountSID != c.srv.AccountSID() {
		return fail(http.StatusConflict, "other-account", "the callback is signed with the auth token of subaccount %s: only callbacks of %s can be explained", b.Event.AccountSID, c.srv.AccountSID())
	}
	received, err := url.Parse(cmp.Or(command.ReceivedURL, signedURL(b.URL)))
	if err != nil || received.Host == "" || received.Scheme != "http" && received.Scheme != "https" {
		return badField("receivedURL", "must be the absolute URL of the request as the application saw it")
	}
	body := b.Event.Raw().Encode()
	if command.ReceivedBody != nil {
		body = *command.ReceivedBody
	}
	req := asReceived(r, received, body, b.Signature)
	opts := []callback.Option{callback.WithAuthTokens(c.srv.AuthToken()), callback.WithHosts(received.Hostname())}
	if command.PublicURL != "" {
		opts = []callback.Option{callback.WithAuthTokens(c.srv.AuthToken()), callback.WithPublicURL(command.PublicURL)}
	}
	x, err := callback.Explain(req, opts...)
	if err != nil {
		return badField("publicURL", "cannot be used: %s", strings.TrimPrefix(err.Error(), "callback: "))
	}
	if parts := differing(checkedURL(command.PublicURL, received), signedURL(b.URL), body, b.Event.Raw()); !x.Accepted && len(parts) > 0 {
		x.Differs, x.Proven = parts, true // unlike the application, the console knows what was signed
		x.Reason = "the signature covers " + signedURL(b.URL) + ", but the application checks " + checkedURL(command.PublicURL, received).String()
	}
	reply(w, http.StatusOK, map[string]any{
		"accepted": x.Accepted, "differs": append([]callback.Part{}, x.Differs...), "proven": x.Proven, "reason": x.Reason, "advice": advice(x),
	})
	return nil
}

// checkedURL returns the URL that an application checks the signature against:
// the one it received, under its public address if it has one.
func checkedURL(public string, received *url.URL) *url.URL {
	u, err := url.Parse(public)
	if public == "" || err != nil {
		return received
	}
	checked := *received
	checked.Scheme, checked.Host = u.Scheme, u.Host
	checked.Path = strings.TrimSuffix(u.Path, "/") + received.Path
	checked.RawPath = ""
	return &checked
}

// differing returns the parts that differ between what was checked and what was
// signed.
func differing(checked *url.URL, signed, body string, form url.Values) []callback.Part {
	u, err := url.Parse(signed)
	if err != nil {
		return nil
	}
	var parts []callback.Part
	for _, p := range []struct {
		part callback.Part
		same bool
	}{
		{callback.PartScheme, checked.Scheme == u.Scheme},
		{callback.PartHost, strings.EqualFold(checked.Hostname(), u.Hostname())},
		{callback.PartPort, portOf(checked) == portOf(u)},
		{callback.PartPath, checked.EscapedPath() == u.EscapedPath()},
		{callback.PartQuery, checked.RawQuery == u.RawQuery},
		{callback.PartBody, sameForm(body, form)},
	} {
		if !p.same {
			parts = append(parts, p.part)
		}
	}
	return parts
}

func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	return map[string]string{"http": "80", "https": "443"}[u.Scheme]
}

func sameForm(body string, form url.Values) bool {
	received, err := url.ParseQuery(body)
	return err == nil && received.Encode() == form.Encode()
}

// asReceived returns a callback as the application received it.
func asReceived(r *http.Request, at *url.URL, body, signature string) *http.Request {
	req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, at.String(), strings.NewReader(body))
	if err != nil {
		panic(err) // cannot happen: the URL was parsed before
	}
	req.RequestURI, req.Host = at.RequestURI(), at.Host
	req.URL = &url.URL{Path: at.Path, RawPath: at.RawPath, RawQuery: at.RawQuery}
	if at.Scheme == "https" {
		req.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", signature)
	return req
}

// advice returns what to check next.
func advice(x callback.Explanation) string {
	switch {
	case x.Accepted:
		return "The signature matches this URL and body with the sandbox's auth token. If the application still refuses it, the application uses another token or public URL, or sees another body. Enter what it sees."
	case slices.Contains(x.Differs, callback.PartBody):
		return "Something changes the body before the signature is checked. Check the signature first, on the bytes as received."
	case slices.Contains(x.Differs, callback.PartToken):
		return "Give the application the auth token that the program printed."
	}
	return "Behind a proxy the application sees another URL than the one it passed as StatusCallback. Configure that one as its public URL."
}
