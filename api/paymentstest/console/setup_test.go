package console_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/console"
)

// desk is a console on a socket with a client that has its token.
type desk struct {
	srv    *paymentstest.Server
	page   *console.Console
	base   string
	client *http.Client
}

func newDesk(t testing.TB, opts ...console.Option) *desk {
	t.Helper()
	return deskOf(t, paymentstest.NewServer(t, paymentstest.AllowInvalidRequests()), opts...)
}

func deskOf(t testing.TB, srv *paymentstest.Server, opts ...console.Option) *desk {
	t.Helper()
	page, err := console.New(srv, opts...)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(page)
	t.Cleanup(func() { page.Close(); web.Close() })
	return &desk{srv, page, web.URL, web.Client()}
}

// response is a response of the API.
type response struct {
	status int
	header http.Header
	body   []byte
}

// decode reads the body into a value.
func (a response) decode(t testing.TB, into any) {
	t.Helper()
	if err := json.Unmarshal(a.body, into); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
}

// code returns the code of an error response, with the field if it names one.
func (a response) code() string {
	var failure struct {
		Error struct {
			Code, Message, Field string
		}
	}
	_ = json.Unmarshal(a.body, &failure)
	return failure.Error.Code + strings.TrimRight(" "+failure.Error.Field, " ")
}

func (d *desk) get(t testing.TB, path string) response {
	t.Helper()
	return d.do(t, http.MethodGet, "/console-api/"+path, nil, nil)
}

// post sends a command, and again for as long as the rate limit refuses it.
func (d *desk) post(t testing.TB, path, body string) response {
	t.Helper()
	for {
		a := d.do(t, http.MethodPost, "/console-api/"+path, strings.NewReader(body), nil)
		if a.status != http.StatusTooManyRequests {
			return a
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// must is like post for a command that must succeed.
func (d *desk) must(t testing.TB, path, body string) response {
	t.Helper()
	a := d.post(t, path, body)
	if a.status >= 300 {
		t.Fatalf("%s %s: status %d, %s", path, body, a.status, a.body)
	}
	return a
}

// do sends a request with the console's token. change may modify it first.
func (d *desk) do(t testing.TB, method, path string, body io.Reader, change func(*http.Request)) response {
	t.Helper()
	var sent []byte
	if body != nil {
		sent, _ = io.ReadAll(body)
		body = bytes.NewReader(sent)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, d.base+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+d.page.Token())
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if change != nil {
		change(req)
	}
	resp, err := d.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	a := response{resp.StatusCode, resp.Header, b.Bytes()}
	checkContract(t, req, sent, a)
	return a
}

// started is a session on a call.
type started struct{ Call, Session string }

func (d *desk) sample(t testing.TB) started {
	t.Helper()
	var s started
	d.must(t, "sample", "{}").decode(t, &s)
	return s
}

// pay captures the missing fields with a card and completes the payment.
func (d *desk) pay(t testing.TB, s started, card string) {
	t.Helper()
	d.must(t, "calls/"+s.Call+"/entry", `{"card":"`+card+`"}`)
	for _, capture := range []string{"expiration-date", "security-code", "postal-code"} {
		d.must(t, "sessions/"+s.Session+"/capture", `{"capture":"`+capture+`"}`)
		d.must(t, "calls/"+s.Call+"/entry", `{"name":"good"}`)
	}
	d.must(t, "sessions/"+s.Session+"/complete", "{}")
	if err := d.srv.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}
