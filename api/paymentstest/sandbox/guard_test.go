package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/internal/leak"
)

// TestForeignPages: the running program refuses requests from pages of other origins.
func TestForeignPages(t *testing.T) {
	t.Parallel()
	url, out := start(t)
	for _, tt := range []struct {
		change func(*http.Request)
		status int
	}{
		{func(*http.Request) {}, 201},
		{func(r *http.Request) { r.Host = "evil.example" }, 421},
		{func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		{func(r *http.Request) { r.Header.Set("Origin", "http://localhost:3000") }, 403},
	} {
		if status := create(t, url, paymentstest.DefaultAccountSID, paymentstest.DefaultAuthToken, tt.change); status != tt.status {
			t.Errorf("status %d, want %d", status, tt.status)
		}
	}
	if !strings.Contains(out.String(), `host "evil.example"`) {
		t.Errorf("the log does not name the host:\n%s", out)
	}
}

// TestLogInjection sends line breaks, escapes and a card number in place of SIDs and
// other names: none may appear in the log.
func TestLogInjection(t *testing.T) {
	t.Parallel()
	url, out := start(t)
	sent := 0
	for _, call := range []string{
		"CA1%0a00:00:00.000%20%20forged", "%1b[2Jforged", "4111111111111111", "CA" + strings.Repeat("0", 31) + "%0a", "%E2%80%A8forged",
	} {
		for _, path := range []string{"/Calls/" + call + "/Payments.json", "/Calls/" + call + "/Payments/" + call + ".json"} {
			for _, host := range []string{"", "evil.example%0aforged", "evil\x1b.example"} {
				create(t, url, paymentstest.DefaultAccountSID, paymentstest.DefaultAuthToken, func(r *http.Request) {
					r.URL.Opaque = "/2010-04-01/Accounts/" + paymentstest.DefaultAccountSID + path
					if host != "" {
						r.Host = host
					}
				})
				sent++
			}
		}
	}
	line := regexp.MustCompile(`^\d\d:\d\d:\d\d\.\d{3}  (request|request refused) .*$`)
	logged := 0
	for _, text := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) || strings.HasPrefix(text, "forged") || leak.Find(text, "41111") != nil {
			t.Errorf("printed %q", text)
		}
		if line.MatchString(text) {
			logged++
		}
	}
	if logged == 0 || logged > sent {
		t.Errorf("%d lines about %d requests:\n%s", logged, sent, out)
	}
}

func TestAllowRemoteClients(t *testing.T) {
	t.Parallel()
	url, _ := start(t, "-addr", "0.0.0.0:0", "-allow-remote-clients", "-callback-hosts", "pay.example.com,other.example.com")
	if !strings.HasPrefix(url, "http://") {
		t.Errorf("URL %s", url)
	}
}
