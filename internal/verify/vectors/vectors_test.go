package vectors

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/internal/verify/validators"
)

// Known faults explain every wrong verdict of the validators; the simulator has
// none.
func TestValidatorsOnRequests(t *testing.T) {
	t.Parallel()
	for name, from := range map[string]func() []Vector{"requests": Requests, "captured": Captured} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := from()
			p, err := validators.NewPanel()
			if err != nil {
				t.Fatal(err)
			}
			for _, document := range []string{validators.Vendor, validators.Merged} {
				for _, j := range p.Validators(document) {
					report(t, Try(name, j.Name(), document, all, j.Request, validators.Faults))
				}
			}
			s := simulator{t}
			row := Try(name, "paymentstest", validators.Merged, all, s.request, nil)
			report(t, row)
		})
	}
}

func TestValidatorsOnResponses(t *testing.T) {
	t.Parallel()
	all := Responses()
	p, err := validators.NewPanel()
	if err != nil {
		t.Fatal(err)
	}
	for _, document := range []string{validators.Vendor, validators.Merged} {
		for _, j := range p.Validators(document) {
			report(t, TryResponses(j, document, all))
		}
	}
}

func report(t *testing.T, row Row) {
	t.Helper()
	t.Log(row)
	for _, wrong := range row.Unexplained {
		t.Errorf("%s, %s document, and no known fault explains it: %s", row.Validator, row.Document, wrong)
	}
}

// simulator is paymentstest as a validator. Only its verdict by the contract
// counts, not what it does with the session.
type simulator struct{ t *testing.T }

type violation string

func (v violation) Error() string { return string(v) }

func (s simulator) request(r validators.Request) error {
	server, err := paymentstest.Start(paymentstest.AllowInvalidRequests())
	if err != nil {
		s.t.Fatal(err)
	}
	defer server.Close()
	target, err := url.Parse(server.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	target.Opaque = r.Target
	request := &http.Request{
		Method: r.Method, URL: target, Header: r.Header.Clone(), Host: target.Host,
		Body: io.NopCloser(strings.NewReader(r.Body)), ContentLength: int64(len(r.Body)),
	}
	response, err := server.Client().Transport.RoundTrip(request)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = response.Body.Close()
	requests := server.Requests()
	if len(requests) != 1 {
		s.t.Fatalf("%d requests, want 1", len(requests))
	}
	if requests[0].Violation != nil {
		return violation(requests[0].Violation.Error())
	}
	return nil
}
