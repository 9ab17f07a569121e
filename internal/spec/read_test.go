package spec_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/internal/spec"
)

func TestReadFile(t *testing.T) {
	t.Parallel()
	got, err := spec.Read(t.Context(), nil, "testdata/forms/refs.json")
	if err != nil || string(got) != string(read(t, "testdata", "forms", "refs.json")) {
		t.Errorf("got %d bytes, error %v", len(got), err)
	}
	absent := filepath.Join(t.TempDir(), "absent.json")
	if _, err := spec.Read(t.Context(), nil, absent); err == nil || err.Error() != "open "+absent+": no such file or directory" {
		t.Errorf("absent file: error %v", err)
	}
	if _, err := spec.Read(t.Context(), nil, "testdata"); err == nil || err.Error() != "read testdata: is a directory" {
		t.Errorf("directory: error %v, want read testdata: is a directory", err)
	}
}

func TestReadURL(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/doc", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Method+" document") })
	mux.Handle("/moved", http.RedirectHandler("/doc", http.StatusFound))
	mux.Handle("/away", http.RedirectHandler("http://example.com/doc?token=hunter2", http.StatusFound))
	mux.Handle("/round", http.RedirectHandler("/round", http.StatusFound))
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "short")
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	withUser := strings.Replace(server.URL, "http://", "http://user:hunter2@", 1)
	tests := []struct{ name, url, want, err string }{
		{"a document", server.URL + "/doc", "GET document", ""},
		{"a document somewhere else", server.URL + "/moved", "GET document", ""},
		{"not found", withUser + "/gone?token=hunter2#hunter2", "", "get " + server.URL + "/gone: status 404, not 200"},
		{"cut short", server.URL + "/cut", "", "read " + server.URL + "/cut: unexpected EOF"},
		{"a malformed URL", "http://user:hunter2@[::1", "", "the URL of the document is malformed"},
		{"no host", "https://", "", "get https:: http: no Host in request URL"},
		{"plain http to another machine", "http://user:hunter2@example.com/doc?token=hunter2", "", "http://example.com/doc is plain http, which others can change in transit: use https (http is for loopback addresses only)"},
		{"plain http after a redirect", server.URL + "/away", "", "get " + server.URL + "/away: http://example.com/doc is plain http, which others can change in transit: use https (http is for loopback addresses only)"},
		{"endless redirects", server.URL + "/round", "", "get " + server.URL + "/round: too many redirects"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := spec.Read(t.Context(), server.Client(), test.url)
			if string(got) != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if text := errorText(err); text != test.err {
				t.Errorf("error %q, want %q", text, test.err)
			}
		})
	}
}

func TestReadURLHidesSecretsWhenTheConnectionFails(t *testing.T) {
	t.Parallel()
	client := &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("connection refused")
	})}
	_, err := spec.Read(t.Context(), client, "https://user:hunter2@example.com/spec.json?token=hunter2")
	if text := errorText(err); text != "get https://example.com/spec.json: connection refused" {
		t.Errorf("error %q, want \"get https://example.com/spec.json: connection refused\"", text)
	}
}

func TestReadStopsAtTheLimit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		size int64
		err  string
	}{
		{spec.MaxDocument, ""},
		{spec.MaxDocument + 1, "read https://example.com/spec.json: more than 33554432 bytes"},
	} {
		client := &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(io.LimitReader(zeros{}, test.size))}, nil
		})}
		got, err := spec.Read(t.Context(), client, "https://example.com/spec.json")
		if text := errorText(err); text != test.err {
			t.Errorf("%d bytes: error %q, want %q", test.size, text, test.err)
		}
		if err == nil && int64(len(got)) != test.size {
			t.Errorf("got %d bytes of %d", len(got), test.size)
		}
	}
}

func TestReadTimesOut(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		trip transport
		want string
	}{
		"no response": {
			func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, r.Context().Err()
			},
			"get https://example.com/spec.json: no response within 30s; download the document and give the file",
		},
		"a response that trickles": {
			func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(trickle{r.Context()})}, nil
			},
			"read https://example.com/spec.json: the document did not arrive within 30s; download it and give the file",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				_, err := spec.Read(t.Context(), &http.Client{Transport: test.trip}, "https://example.com/spec.json")
				if text := errorText(err); text != test.want {
					t.Errorf("error %q, want %q", text, test.want)
				}
				if waited := time.Since(start); waited != 30*time.Second {
					t.Errorf("gave up after %v", waited)
				}
			})
		})
	}
}

// trickle returns a byte a second until the request's context ends.
type trickle struct{ ctx context.Context }

func (r trickle) Read(p []byte) (int, error) {
	select {
	case <-time.After(time.Second):
		return copy(p, " "), nil
	case <-r.ctx.Done():
		return 0, r.ctx.Err()
	}
}

func TestPublicURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://example.com/a/b.json":                 "https://example.com/a/b.json",
		"https://user:hunter2@example.com/a?token=x#y": "https://example.com/a",
		"https://example.com/a%2Fb":                    "https://example.com/a%2Fb",
		"https://example.com/%zz":                      "",
	} {
		if got := spec.PublicURL(url); got != want {
			t.Errorf("PublicURL(%q) = %q, want %q", url, got, want)
		}
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
