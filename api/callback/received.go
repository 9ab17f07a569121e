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
)

// received is a request as it was read, before anything in it is believed.
type received struct {
	url       string
	signedURL string // the form of url that was signed; empty until it is verified
	signature []byte // signatureLen bytes
	isForm    bool   // by its content type
	body      []byte // nil when other middleware has read it
	form      form
}

// receive reads a request that must be signed. Cheap checks come first, so that
// nothing is read for a sender who did not even try to sign.
func (c *config) receive(w http.ResponseWriter, r *http.Request, deadline time.Time) (*received, error) {
	signature := r.Header.Get(signatureHeader)
	if len(signature) != signatureLen {
		return nil, refuse(forbidden, errNoSignature)
	}
	body, err := readBody(w, r, c.bodyLimit, deadline)
	if err != nil {
		return nil, err
	}
	url, err := c.publicURLOf(r)
	if err != nil {
		return nil, err
	}
	in := &received{url: url, signature: []byte(signature), isForm: isForm(r), body: body}
	switch {
	case !in.isForm:
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
	}
	return in, nil
}

// publicURLOf calls the user's function, whose panic is an answer of 500.
func (c *config) publicURLOf(r *http.Request) (url string, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = newPanicError(v)
		}
	}()
	return c.publicURL(r), nil
}

// isForm reports whether the body is what a status callback has.
func isForm(r *http.Request) bool {
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(media), "application/x-www-form-urlencoded")
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
