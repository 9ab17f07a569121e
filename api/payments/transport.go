package payments

import "net/http"

// maxIdlePerHost keeps the connections of a busy back end: the standard
// library's two would be dialled again and again under load.
const maxIdlePerHost = 100

// defaultHTTPClient is shared by all clients without one of their own, as
// http.DefaultClient is.
var defaultHTTPClient = withoutRedirects(&http.Client{Transport: defaultTransport()})

func defaultTransport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = maxIdlePerHost
	return t
}

// withoutRedirects returns a copy of h that follows no redirect: a payment must
// not be posted to where an answer points.
func withoutRedirects(h *http.Client) *http.Client {
	c := *h
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	c.Transport = pathless{c.Transport}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// pathless takes the Location out of redirects: http.Client parses it before it
// asks whether to follow, and would turn one that is malformed into a failure of
// the transport.
type pathless struct{ http.RoundTripper }

func (t pathless) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(r)
	if resp != nil && resp.StatusCode >= 300 && resp.StatusCode < 400 {
		resp.Header.Del("Location")
	}
	return resp, err
}
