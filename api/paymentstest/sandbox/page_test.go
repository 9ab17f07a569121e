package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// TestPage: the page's address is printed with the token in the fragment, the page
// opens only with the token, and it is not below the simulated API.
func TestPage(t *testing.T) {
	t.Parallel()
	url, out := start(t)
	m := regexp.MustCompile(`(?m)^  (http\S+/)#token=([a-z0-9]{26})$`).FindStringSubmatch(out.String())
	if m == nil || m[1] != url+"/" {
		t.Fatalf("no address of the page at %s in\n%s", url, out)
	}
	get := func(path, token string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	for _, tt := range []struct {
		path, token string
		want        int
	}{
		{"/", "", 200},
		{"/console-api/snapshot", "", 401},
		{"/console-api/snapshot", m[2], 200},
		{"/2010-04-01/", m[2], 404},
		{"/2010-04-01/console-api/snapshot", m[2], 404},
	} {
		if got := get(tt.path, tt.token); got != tt.want {
			t.Errorf("%s with token %v: %d, want %d", tt.path, tt.token != "", got, tt.want)
		}
	}
}

// TestRemoteClientsNeedAToken: with remote clients the page requires -console-token,
// which is never printed.
func TestRemoteClientsNeedAToken(t *testing.T) {
	t.Parallel()
	const chosen = "a-token-of-my-choice"
	for _, tt := range []struct {
		name string
		args []string
		page bool
	}{
		{"remote clients", []string{"-addr", "0.0.0.0:0", "-allow-remote-clients"}, false},
		{"remote clients, token", []string{"-addr", "0.0.0.0:0", "-allow-remote-clients", "-console-token", chosen}, true},
		{"token", []string{"-console-token", chosen}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url, out := start(t, tt.args...)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, local(url)+"/console-api/snapshot", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+chosen)
			resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if got := resp.StatusCode == http.StatusOK; got != tt.page {
				t.Errorf("status %d", resp.StatusCode)
			}
			if strings.Contains(out.String(), chosen) {
				t.Errorf("the console token is printed:\n%s", out)
			}
		})
	}
	if _, err := readSettings([]string{"-console-token", "short"}, nil, nil); err == nil || !strings.Contains(err.Error(), "-console-token must be 16 to 256") {
		t.Errorf("a short token: %v", err)
	}
}
