package spec

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/internal/hosturl"
)

// MaxDocument is the largest document that Read accepts, in bytes: 32 MiB, about 17
// times the size of Twilio's in 2026.
const MaxDocument = 32 << 20

// readTimeout is how long a document may take to arrive over the network.
const readTimeout = 30 * time.Second

// IsURL reports whether Read would fetch name over the network.
func IsURL(name string) bool {
	return strings.HasPrefix(name, "https://") || strings.HasPrefix(name, "http://")
}

// Read returns the bytes of a file, or of a URL fetched with client or, if that is
// nil, http.DefaultClient. The URL must be https; plain http is for loopback addresses
// only, also after redirects, because someone who changes the contract in transit
// changes what the SDK sends. A status other than 200, more than MaxDocument bytes or
// more than 30 seconds is an error. Error texts show only the PublicURL of a URL.
func Read(ctx context.Context, client *http.Client, name string) ([]byte, error) {
	if IsURL(name) {
		return fetch(ctx, client, name)
	}
	f, err := os.Open(name) // #nosec G304 -- the document that the maintainer names
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f, name)
}

// PublicURL returns a URL without possible secrets: user, query and fragment.
func PublicURL(name string) string {
	u, err := url.Parse(name)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}

func fetch(ctx context.Context, client *http.Client, name string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, name, nil)
	if err != nil {
		return nil, errors.New("the URL of the document is malformed")
	}
	if err := secure(req.URL); err != nil {
		return nil, err
	}
	shown := PublicURL(name)
	own := *cmp.Or(client, http.DefaultClient)
	own.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if len(via) >= maxRedirects {
			return errors.New("too many redirects")
		}
		return secure(r.URL)
	}
	resp, err := own.Do(req)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("get %s: no response within %s; download the document and give the file", shown, readTimeout)
	}
	if err != nil {
		var wrapped *url.Error // its text has the whole URL
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return nil, fmt.Errorf("get %s: %w", shown, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("get %s: status %d, not 200", shown, resp.StatusCode)
	}
	doc, err := readAll(resp.Body, shown)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("read %s: the document did not arrive within %s; download it and give the file", shown, readTimeout)
	}
	return doc, err
}

const maxRedirects = 10

// secure refuses URLs whose content others could change in transit.
func secure(u *url.URL) error {
	if u.Scheme == "https" || hosturl.IsLoopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("%s is plain http, which others can change in transit: use https (http is for loopback addresses only)", PublicURL(u.String()))
}

func readAll(r io.Reader, shown string) ([]byte, error) {
	doc, err := io.ReadAll(io.LimitReader(r, MaxDocument+1))
	var path *fs.PathError // names the file itself
	if errors.As(err, &path) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", shown, err)
	}
	if len(doc) > MaxDocument {
		return nil, fmt.Errorf("read %s: more than %d bytes", shown, MaxDocument)
	}
	return doc, nil
}
