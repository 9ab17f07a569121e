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
		t.Errorf("directory: error %v", err)
	}
}

func TestReadURL(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/doc", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Method+" document") })
	mux.Handle("/moved", http.RedirectHandler("/doc", http.StatusFound))
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "short")
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	stranger := strings.Replace(server.URL, "http://", "http://user:hunter2@", 1)
	tests := []struct{ name, url, want, err string }{
		{"a document", server.URL + "/doc", "GET document", ""},
		{"a document somewhere else", server.URL + "/moved", "GET document", ""},
		{"none there", stranger + "/gone?token=hunter2#hunter2", "", "get " + server.URL + "/gone: status 404, not 200"},
		{"cut off", server.URL + "/cut", "", "read " + server.URL + "/cut: unexpected EOF"},
		{"a malformed URL", "http://user:hunter2@[::1", "", "the URL of the document is malformed"},
		{"no such scheme handler", "https://", "", "get https:: http: no Host in request URL"},
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
		t.Errorf("error %q", text)
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

func TestReadGivesUpAfterAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})}
		start := time.Now()
		_, err := spec.Read(t.Context(), client, "https://example.com/spec.json")
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if waited := time.Since(start); waited != time.Minute {
			t.Errorf("gave up after %v", waited)
		}
	})
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
