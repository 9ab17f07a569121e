package roundtrip

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/internal/verify/validators"
)

const (
	account = "AC00000000000000000000000000000001"
	callSID = "CA00000000000000000000000000000001"
	sid     = "PK00000000000000000000000000000001"
)

// recorder responds to every request with success and keeps the last one.
type recorder struct {
	last  validators.Request
	count int
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	r.count++
	r.last = validators.Request{Method: request.Method, Target: request.URL.RequestURI(), Header: request.Header, Body: string(body)}
	status := http.StatusCreated
	if r.last.Operation() == "UpdatePayments" {
		status = http.StatusAccepted
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Request: request,
		Body: io.NopCloser(strings.NewReader(`{"sid":"` + sid + `"}`)),
	}, nil
}

func newClient(t testing.TB) (*payments.Client, *recorder) {
	t.Helper()
	r := &recorder{}
	c, err := payments.NewClient(payments.WithCredentials(account, "token"),
		payments.WithHTTPClient(&http.Client{Transport: r}), payments.WithAttemptTimeout(0))
	if err != nil {
		t.Fatal(err)
	}
	return c, r
}
