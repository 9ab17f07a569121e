package payments_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// Over many calls the waits fill their whole range, which doubles up to the cap,
// and never exceed it.
func TestWaitsGrowToTheirCap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, "https://api.example.com", payments.WithMaxRetries(8), payments.WithHTTPClient(&http.Client{
			Transport: roundTrip(func(*http.Request) (*http.Response, error) { return response(http.StatusInternalServerError, ""), nil }),
		}))
		longest := make([]time.Duration, 8)
		for range 200 {
			var info payments.ResponseInfo
			_, err := operations["capture"](t.Context(), client, payments.WithResponseInfo(&info))
			if err == nil || len(info.Attempts) != 9 {
				t.Fatalf("%d attempts, want 9; %v", len(info.Attempts), err)
			}
			for i := range longest {
				longest[i] = max(longest[i], info.Attempts[i].Delay)
			}
		}
		most := 250 * time.Millisecond
		for i, got := range longest {
			if got > most || got < most*3/4 {
				t.Errorf("of 200 waits after attempt %d the longest was %v, want nearly %v", i+1, got, most)
			}
			most = min(2*most, 8*time.Second)
		}
	})
}

// When the caller cancels during an attempt, the call ends without a wait, and its
// error says so once.
func TestCancelledAttemptIsNotRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		client := newClient(t, "https://api.example.com", payments.WithHTTPClient(&http.Client{
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				cancel()
				return nil, r.Context().Err()
			}),
		}))
		var info payments.ResponseInfo
		_, err := operations["create"](ctx, client, payments.WithResponseInfo(&info))
		if !errors.Is(err, context.Canceled) || strings.Count(err.Error(), context.Canceled.Error()) != 1 {
			t.Errorf("error %v, want one context.Canceled", err)
		}
		if len(info.Attempts) != 1 || info.Attempts[0].Delay != 0 {
			t.Errorf("attempts %+v, want one and no wait", info.Attempts)
		}
	})
}

// watched is a body that counts the bytes read and records whether it was closed.
type watched struct {
	io.Reader
	read   int
	closed bool
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	w.read += n
	return n, err
}

func (w *watched) Close() error {
	w.closed = true
	return nil
}

// Of a response no more than the limit is read, and every body is closed.
func TestResponsesAreBoundedAndClosed(t *testing.T) {
	t.Parallel()
	const enough = 2 << 20
	endless := func() io.Reader { return io.LimitReader(zeros{}, 64<<20) }
	for name, c := range map[string]struct {
		status int
		body   io.Reader
	}{
		"a session":           {http.StatusCreated, strings.NewReader(sessionJSON)},
		"an endless session":  {http.StatusCreated, endless()},
		"a refusal":           {http.StatusBadRequest, strings.NewReader(`{"code":64020}`)},
		"an endless refusal":  {http.StatusBadRequest, endless()},
		"an endless failure":  {http.StatusBadGateway, endless()},
		"a redirect":          {http.StatusFound, strings.NewReader("elsewhere")},
		"an endless redirect": {http.StatusTemporaryRedirect, endless()},
		"another status":      {http.StatusAccepted, strings.NewReader(sessionJSON)},
		"a failure cut short": {http.StatusBadGateway, io.MultiReader(strings.NewReader("x"), broken{})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := &watched{Reader: c.body}
			client := newClient(t, "https://api.example.com", payments.WithMaxRetries(0), payments.WithHTTPClient(&http.Client{
				Transport: roundTrip(func(*http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: c.status, Header: http.Header{}, Body: body}, nil
				}),
			}))
			session, err := operations["create"](t.Context(), client)
			soundResult(t, session, err)
			if !body.closed {
				t.Error("the body was not closed")
			}
			if body.read > enough {
				t.Errorf("%d bytes were read, want at most %d", body.read, enough)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte("0"), len(p))), nil }

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Values of "code" that cannot be an error code are ignored.
func TestInvalidErrorCodes(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int{
		`{"code":64020}`: 64020, `{"code":"64020"}`: 64020, `{"code":0}`: 0,
		`{"code":-64020}`: 0, `{"code":1e300}`: 0, `{"code":null}`: 0, `{"code":"x"}`: 0, `{"code":[64020]}`: 0, `{"code":true}`: 0,
	} {
		s := newServer(t, respond(http.StatusBadRequest, body))
		_, err := operations["create"](t.Context(), newClient(t, s.URL))
		if failed, ok := errors.AsType[*payments.Error](err); !ok || failed.Code != want {
			t.Errorf("%s: code of %v, want %d", body, err, want)
		}
	}
}

// ACH needs AVSName whatever else Parameter holds.
func TestACHNeedsTheName(t *testing.T) {
	t.Parallel()
	client := newClient(t, newServer(t, success).URL)
	for _, parameter := range []map[string]string{nil, {}, {"Other": "x"}, {"AVSName": ""}, {"avsname": "Jane"}} {
		_, err := client.Create(t.Context(), callSID, payments.CreateParams{
			StatusCallback: callback, PaymentMethod: payments.PaymentMethodACHDebit, Parameter: wire.NewParameters(parameter),
		})
		if violation, ok := errors.AsType[*payments.ValidationError](err); !ok || violation.Field != "Parameter" {
			t.Errorf("%d parameters: %v, want one of Parameter", len(parameter), err)
		}
	}
}

// Requests have no GetBody, with our transport or the caller's, so net/http cannot
// send them again by itself.
func TestRequestsHaveNoGetBody(t *testing.T) {
	t.Parallel()
	s := newServer(t, success)
	asked := 0
	client := newClient(t, s.URL, payments.WithHTTPClient(&http.Client{Transport: &http.Transport{
		Proxy: func(r *http.Request) (*url.URL, error) {
			asked++
			if r.GetBody != nil || r.ContentLength <= 0 {
				t.Errorf("GetBody is set: %v, length %d", r.GetBody != nil, r.ContentLength)
			}
			return nil, nil
		},
	}}))
	for name, send := range operations {
		if _, err := send(t.Context(), client); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if asked != len(operations) {
		t.Errorf("the transport got %d requests, want %d", asked, len(operations))
	}
}
