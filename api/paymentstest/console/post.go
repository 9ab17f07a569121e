package console

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// sinkURL receives the callbacks of sessions that have no application. No host
// exists below .invalid, so the server delivers them in process.
const sinkURL = "http://console.invalid/status"

func sink(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

// userAgent marks the console's own requests.
const userAgent = "twiliopay-console"

// postTimeout is how long the console waits for a response: a fault may hold it
// back forever.
const postTimeout = 15 * time.Second

var errNoResponse = errors.New("console: no response")

// sent is the outcome of a request that the console sent as an application would.
type sent struct {
	// Request is its number.
	Request int `json:"request"`
	// Status is zero without a response.
	Status  int    `json:"status"`
	Code    int    `json:"code,omitempty"`
	Session string `json:"session,omitempty"`
	message string
}

// post sends a form to the simulated API.
func (c *Console) post(ctx context.Context, path string, form url.Values) (sent, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, postTimeout, errNoResponse)
	defer cancel()
	last := 0
	if all := c.srv.Requests(); len(all) > 0 {
		last = all[len(all)-1].Number
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.srv.URL+path, strings.NewReader(form.Encode())) // #nosec G704 -- the simulation itself
	if err != nil {
		return sent{}, err
	}
	req.SetBasicAuth(c.srv.AccountSID(), c.srv.AuthToken())
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", userAgent)
	result := sent{}
	resp, err := c.srv.Client().Do(req) // #nosec G704 -- the simulation itself
	if err == nil {
		defer resp.Body.Close()
		result.Status = resp.StatusCode
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		var response struct {
			SID     string `json:"sid"`
			Code    int    `json:"code"`
			Message string `json:"message"`
		}
		_ = json.Unmarshal(body, &response)
		result.Session, result.Code, result.message = response.SID, response.Code, response.Message
	} else if ctx.Err() != nil && !errors.Is(context.Cause(ctx), errNoResponse) {
		return sent{}, ctx.Err()
	}
	for _, rec := range slices.Backward(c.srv.Requests()) {
		if rec.Number > last && rec.Path == path && rec.Header.Get("User-Agent") == userAgent {
			result.Request = rec.Number
			break
		}
	}
	return result, nil
}

// accepted returns nil for a request that was accepted, and otherwise a failure
// that says how Twilio refused it.
func (s sent) accepted() error {
	switch {
	case s.Status >= 200 && s.Status < 300:
		return nil
	case s.Status == 0:
		return fail(http.StatusBadGateway, "no-response", "the request got no response: disarm any faults and try again")
	}
	f := fail(http.StatusConflict, "refused", "the simulated Twilio refused the request with status %d: %s", s.Status, s.message)
	f.Twilio = &twilioFailure{Status: s.Status, Code: s.Code, Message: s.message}
	return f
}

func newKey() string { return "console-" + strings.ToLower(rand.Text()) }

func (c *Console) paymentsPath(account, call, session string) string {
	path := "/2010-04-01/Accounts/" + account + "/Calls/" + call + "/Payments"
	if session != "" {
		path += "/" + session
	}
	return path + ".json"
}

// lastRequest returns the last accepted request of a session.
func (c *Console) lastRequest(session string) (paymentstest.Request, error) {
	if !sessionPattern.MatchString(session) {
		return paymentstest.Request{}, badField("session", "must be a session SID, PK and 32 hexadecimal digits")
	}
	for _, rec := range slices.Backward(c.srv.Requests()) {
		if rec.SID == session && rec.Form.Get("StatusCallback") != "" && rec.Code == 0 {
			return rec, nil
		}
	}
	return paymentstest.Request{}, notFound("this session")
}

var errClosed = errors.New("console: the server is closed")

// request returns a request that can be sent again: one that the contract allows.
func (c *Console) request(number string) (paymentstest.Request, error) {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 {
		return paymentstest.Request{}, badField("number", "must be the number of a request")
	}
	for _, rec := range c.srv.Requests() {
		if rec.Number == n {
			if rec.Form == nil {
				return rec, fail(http.StatusConflict, "not-kept", "this request violates the API's contract, so its form was not stored")
			}
			return rec, nil
		}
	}
	return paymentstest.Request{}, notFound("this request")
}
