package prism

import (
	"testing"

	"github.com/twiliopay/twiliopay-go/internal/golden"
	"github.com/twiliopay/twiliopay-go/internal/verify/validators"
	"github.com/twiliopay/twiliopay-go/internal/verify/vectors"
)

func start(t *testing.T, document string) *Prism {
	t.Helper()
	if why := Missing(); why != "" {
		t.Skip("prism: " + why)
	}
	text, err := validators.Document(document)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Start(t.Context(), text, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// Prism allows the client's golden requests, by either document.
func TestGoldenRequestsPass(t *testing.T) {
	t.Parallel()
	for _, document := range []string{validators.Vendor, validators.Merged} {
		t.Run(document, func(t *testing.T) {
			t.Parallel()
			p := start(t, document)
			requests, err := golden.Requests()
			if err != nil {
				t.Fatal(err)
			}
			var cases []vectors.Vector
			for name, r := range requests {
				cases = append(cases, vectors.Vector{ID: name, Request: validators.Request(r), Allowed: map[string]bool{document: true}})
			}
			report(t, vectors.Try("golden", p.Name(), document, cases, p.Request, Faults))
		})
	}
}

// Prism refuses invalid requests.
func TestPrismRefuses(t *testing.T) {
	t.Parallel()
	p := start(t, validators.Merged)
	requests, err := golden.Requests()
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*validators.Request){
		"unknown enum value":  func(r *validators.Request) { r.Body += "&TokenType=bogus" },
		"amount out of range": func(r *validators.Request) { r.Body += "&ChargeAmount=1000000" },
		"timeout of text":     func(r *validators.Request) { r.Body += "&Timeout=soon" },
		"nothing required":    func(r *validators.Request) { r.Body = "Currency=USD" },
		"no credentials":      func(r *validators.Request) { r.Header.Del("Authorization") },
		"short SID":           func(r *validators.Request) { r.Target = "/2010-04-01/Accounts/AC1/Calls/CA1/Payments.json" },
		"another path":        func(r *validators.Request) { r.Target += "x" },
	} {
		r := validators.Request(requests["create-least"])
		r.Header = r.Header.Clone()
		change(&r)
		if err := p.Request(r); err == nil {
			t.Errorf("%s: served, want an error", name)
		}
	}
}
