package callback

import (
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback/internal/signature"
	"github.com/twiliopay/twiliopay-go/internal/sid"
)

var (
	errMethod      = errors.New("method is not POST")
	errMedia       = errors.New("content type is not application/x-www-form-urlencoded")
	errNoSignature = errors.New("X-Twilio-Signature is missing or malformed")
	errBodyGone    = errors.New("body was read before it could be checked; put Verify before the middleware that reads it")
)

// received is a request as it was read, before it is verified.
type received struct {
	url       string
	signedURL string // the form of url that was signed; empty until verified
	signature []byte // signature.Len bytes
	media     media
	body      []byte // nil when other middleware has read it
	form      signature.Form

	keys []*signature.Key // the keys tried, if none of them matched
}

// receive reads a request that must be signed. Cheap checks come first: the body
// of a request without a signature is not read.
func (c *config) receive(w http.ResponseWriter, r *http.Request, deadline time.Time) (*received, error) {
	given := r.Header.Get(signatureHeader)
	if len(given) != signature.Len {
		return nil, refuse(forbidden, errNoSignature)
	}
	url, err := c.publicURLOf(r)
	if err != nil {
		return nil, err
	}
	if len(url) > maxURL {
		return nil, refuse(tooLarge, errLongURL)
	}
	body, err := readBody(w, r, c.bodyLimit, deadline)
	if err != nil {
		return nil, err
	}
	in := &received{url: url, signature: []byte(given), media: mediaOf(r), body: body}
	switch {
	case in.media != mediaForm:
	case len(body) == 0 && r.PostForm != nil:
		// Other middleware has called ParseForm. If ParseForm dropped a part of the
		// form, the signature does not match.
		in.form = signature.FormOf(r.PostForm)
		if len(in.form) > signature.MaxParameters {
			err = signature.ErrTooMany
		}
	default:
		in.form, err = signature.ParseForm(body)
	}
	switch {
	case errors.Is(err, signature.ErrTooMany):
		return nil, refuse(tooLarge, err)
	case err != nil:
		return nil, refuse(badForm, err)
	case len(body) == 0 && len(in.form) == 0 && r.ContentLength != 0:
		// Without the body the signature would cover only the URL, and nothing
		// would prove what the next handler reads.
		return nil, refuse(forbidden, errBodyGone)
	}
	return in, nil
}

// publicURLOf calls the user's function; a panic makes the response 500. Without a
// function it uses the request's own host, if that is this server's.
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

// media is the kind of body that a request's Content-Type names.
type media int

const (
	mediaOther     media = iota
	mediaForm            // application/x-www-form-urlencoded, as in status callbacks
	mediaMultipart       // another kind of form, which Twilio never sends
)

// mediaOf reads the Content-Type. Everything that net/http later parses as a form
// counts as one.
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

// accountSID returns the account that the sender names, which proves nothing. A
// request that names two is refused: someone with the token of one account could
// sign a request that also names another, and a later reader might use that one.
func (in *received) accountSID(t signature.URL) (string, error) {
	account, n := in.form.First("AccountSid")
	if n == 0 && len(in.body) == 0 {
		account, n = t.Parameter("AccountSid")
	}
	if n > 1 || account != "" && !sid.Account.Is(account) {
		return "", refuse(forbidden, errAccount)
	}
	return account, nil
}

var (
	errTooLarge = errors.New("body is larger than the limit")
	errLongURL  = errors.New("URL is longer than 64 KiB")
	errSlow     = errors.New("body did not arrive in time")
	errBroken   = errors.New("connection failed while the body was read")
)

// A body's first buffer has at most firstRead bytes, and minRead without a
// Content-Length. A status callback has about 800 bytes.
const (
	firstRead = 2 << 10
	minRead   = 512
)

// maxURL is how long a URL may be. Each form of it is hashed with each token before the
// request is verified, and net/http accepts a megabyte.
const maxURL = 64 << 10

// readBody reads a request's body, at most limit bytes. If the connection supports
// deadlines, it stops at deadline.
func readBody(w http.ResponseWriter, r *http.Request, limit int64, deadline time.Time) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	if r.ContentLength > limit {
		return nil, refuse(tooLarge, errTooLarge)
	}
	unbound := boundReading(w, r, deadline)
	b, err := readUpTo(r.Body, limit, r.ContentLength)
	_, overrun := errors.AsType[*http.MaxBytesError](err)
	switch {
	case overrun || int64(len(b)) > limit:
		return nil, refuse(tooLarge, errTooLarge)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, refuse(tooSlow, errSlow)
	case err != nil:
		return nil, refuse(badForm, errBroken) // the text of err may quote the body
	}
	unbound() // not after a failure: the server must not wait for the rest of the body
	return b, nil
}

// readUpTo reads to the end, or until there are more than limit bytes. It allocates
// memory for bytes received, not for the announced length, which costs the sender
// nothing.
func readUpTo(body io.Reader, limit, announced int64) ([]byte, error) {
	size := int64(minRead)
	if announced > 0 {
		size = min(announced, firstRead) + 1 // so that the end is seen without growing
	}
	b := make([]byte, 0, size)
	for int64(len(b)) <= limit {
		b = slices.Grow(b, 1)
		n, err := body.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return b, err
		}
	}
	return b, nil
}

// boundReading makes reads from the connection fail after deadline, and returns a
// function that undoes it; the server sets its own deadline for the next request.
// A server's ReadTimeout that ends earlier stays in force. A ResponseWriter
// without deadlines, such as httptest's recorder, has its body in memory.
func boundReading(w http.ResponseWriter, r *http.Request, deadline time.Time) (unbound func()) {
	server, ok := r.Context().Value(http.ServerContextKey).(*http.Server)
	if ok && server.ReadTimeout > 0 && !time.Now().Add(server.ReadTimeout).After(deadline) {
		return func() {}
	}
	conn := deadliner(w)
	if conn == nil || conn.SetReadDeadline(deadline) != nil {
		return func() {}
	}
	return func() { _ = conn.SetReadDeadline(time.Time{}) }
}

type readDeadliner interface{ SetReadDeadline(time.Time) error }

// deadliner finds the same method as http.ResponseController, without allocating
// an error if there is none.
func deadliner(w http.ResponseWriter) readDeadliner {
	for {
		switch v := w.(type) {
		case readDeadliner:
			return v
		case interface{ Unwrap() http.ResponseWriter }:
			w = v.Unwrap()
		default:
			return nil
		}
	}
}
