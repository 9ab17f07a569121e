package callback

import (
	"errors"
	"net/http"
	"strings"
	"time"
)

var (
	errMethod      = errors.New("method is not POST")
	errMedia       = errors.New("content type is not application/x-www-form-urlencoded")
	errNoSignature = errors.New("X-Twilio-Signature is missing or malformed")
	errBodyGone    = errors.New("body was read before it could be checked; verify before whatever reads it")
)

// received is a request as it was read, before anything in it is believed.
type received struct {
	url       string
	signedURL string // the form of url that was signed; empty until it is verified
	signature []byte // signatureLen bytes
	media     media
	body      []byte // nil when other middleware has read it
	form      form

	keys []*key // that were tried; nil unless none fitted
}

// receive reads a request that must be signed. Cheap checks come first, so that
// nothing is read for a sender who did not even try to sign.
func (c *config) receive(w http.ResponseWriter, r *http.Request, deadline time.Time) (*received, error) {
	signature := r.Header.Get(signatureHeader)
	if len(signature) != signatureLen {
		return nil, refuse(forbidden, errNoSignature)
	}
	url, err := c.publicURLOf(r)
	if err != nil {
		return nil, err
	}
	body, err := readBody(w, r, c.bodyLimit, deadline)
	if err != nil {
		return nil, err
	}
	in := &received{url: url, signature: []byte(signature), media: mediaOf(r), body: body}
	switch {
	case in.media != mediaForm:
	case len(body) == 0 && r.PostForm != nil:
		// Someone called ParseForm before. The form is whole, or, where
		// ParseForm dropped a part of it, the signature tells.
		in.form = formOf(r.PostForm)
		if len(in.form) > maxParameters {
			err = errParameters
		}
	default:
		in.form, err = parseForm(body)
	}
	switch {
	case errors.Is(err, errParameters):
		return nil, refuse(tooLarge, err)
	case err != nil:
		return nil, refuse(badForm, err)
	case len(body) == 0 && len(in.form) == 0 && r.ContentLength != 0:
		// Without what was announced the signature would be one over the URL
		// alone, and what the next one reads would be proven by nothing.
		return nil, refuse(forbidden, errBodyGone)
	}
	return in, nil
}

// publicURLOf calls the user's function, whose panic is an answer of 500. Without
// one the request's own host counts, if it is known.
func (c *config) publicURLOf(r *http.Request) (url string, err error) {
	if c.publicURL == nil {
		if !c.ownHost(r) {
			return "", refuse(forbidden, errHost(r.Host))
		}
		return requestURL(r), nil
	}
	err = guard("public URL: ", func() error {
		url = c.publicURL(r)
		return nil
	})
	return url, err
}

// media is what the Content-Type of a request says about its body.
type media int

const (
	mediaOther     media = iota
	mediaForm            // application/x-www-form-urlencoded, what a status callback has
	mediaMultipart       // another kind of form, which Twilio never sends
)

// mediaOf reads the Content-Type, and takes for a form all that net/http does,
// which parses the body later.
func mediaOf(r *http.Request) media {
	name, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	name = strings.TrimSpace(name)
	const multipart = "multipart/"
	switch {
	case strings.EqualFold(name, "application/x-www-form-urlencoded"):
		return mediaForm
	case len(name) >= len(multipart) && strings.EqualFold(name[:len(multipart)], multipart):
		return mediaMultipart
	}
	return mediaOther
}

// accountSID returns the account the sender names, which proves nothing.
func (in *received) accountSID(t target) string {
	if sid := in.form.first("AccountSid"); sid != "" {
		return sid
	}
	if len(in.body) > 0 {
		return ""
	}
	return t.parameter("AccountSid")
}
