package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	formType  = "application/x-www-form-urlencoded"
	createURL = server + "/2010-04-01/Accounts/" + AccountSID + "/Calls/" + CallSID + "/Payments.json"
)

// What the floor prepares once, before the calls.
var (
	body       = []byte(Encoded)
	formHeader = []string{formType}
	authHeader = []string{authorization}
)

// NewFloor returns the least that a client has to do with net/http: URL, body
// and headers are prepared, it has a timeout, and it reads the SIDs of the
// response.
func NewFloor(transport http.RoundTripper) Client {
	return overHTTP(Floor, transport, FloorRequest, FloorResponse)
}

// overHTTP is a client that makes requests by net/http, and reads a response's SID.
func overHTTP(name string, transport http.RoundTripper, request func(context.Context) (*http.Request, error), response func([]byte) (string, error)) Client {
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	return Client{name, func(ctx context.Context) error {
		req, err := request(ctx)
		if err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		sid, err := response(text)
		if err != nil {
			return err
		}
		if resp.StatusCode != http.StatusCreated || sid == "" {
			return fmt.Errorf("status %d, sid %q", resp.StatusCode, sid)
		}
		return nil
	}}
}

// FloorRequest returns the prepared request.
func FloorRequest(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, createURL, bytes.NewReader(body))
	if err == nil {
		req.Header["Content-Type"], req.Header["Authorization"] = formHeader, authHeader
	}
	return req, err
}

// FloorResponse reads the SIDs of a response and returns the session's.
func FloorResponse(text []byte) (sid string, err error) {
	var session struct {
		AccountSID string `json:"account_sid"`
		CallSID    string `json:"call_sid"`
		SID        string `json:"sid"`
	}
	err = json.Unmarshal(text, &session)
	return session.SID, err
}
