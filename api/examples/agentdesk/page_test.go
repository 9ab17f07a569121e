package main

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// TestPage: the page's files are served with a strict policy, and every file that they
// refer to exists.
func TestPage(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	get := func(path string) (*http.Response, string) {
		t.Helper()
		resp, err := http.Get(s.desks[0].URL + path)
		must(t, err)
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		must(t, err)
		return resp, string(body)
	}
	_, page := get("/")
	files := map[string]string{"/": "text/html; charset=utf-8"}
	for _, m := range regexp.MustCompile(`(?:href|src)="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		files["/"+m[1]] = map[bool]string{true: "text/css; charset=utf-8", false: "text/javascript; charset=utf-8"}[strings.HasSuffix(m[1], ".css")]
	}
	_, script := get("/desk.mjs")
	for _, m := range regexp.MustCompile(`from "\./([^"]+)"`).FindAllStringSubmatch(script, -1) {
		files["/"+m[1]] = "text/javascript; charset=utf-8"
	}
	if len(files) != 5 {
		t.Errorf("the page has the files %v, want 5", files)
	}
	for path, kind := range files {
		resp, body := get(path)
		if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != kind {
			t.Errorf("%s: status %d, want %d; %s, want %s", path, resp.StatusCode, http.StatusOK, resp.Header.Get("Content-Type"), kind)
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": pagePolicy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if found := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|<style|style="| on[a-z]+="|https?://`).FindString(body); found != "" {
			t.Errorf("%s has %q", path, found)
		}
	}
	for _, path := range []string{"/web/index.html", "/page.go", "/x"} {
		if resp, _ := get(path); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, resp.StatusCode)
		}
	}
}
