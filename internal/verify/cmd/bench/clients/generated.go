package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/twiliopay/twiliopay-go/generated"
)

// NewGenerated returns the floor with the generated code that this SDK uses:
// the generated function builds the request, and the response is read into the
// generated type.
func NewGenerated(transport http.RoundTripper) Client {
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	return Client{Generated, func(ctx context.Context) error {
		req, err := GeneratedRequest()
		if err != nil {
			return err
		}
		resp, err := client.Do(req.WithContext(ctx))
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		sid, err := GeneratedResponse(text)
		if err != nil {
			return err
		}
		if resp.StatusCode != http.StatusCreated || sid == "" {
			return fmt.Errorf("status %d, sid %q", resp.StatusCode, sid)
		}
		return nil
	}}
}

// GeneratedRequest is the request as the generated function builds it.
func GeneratedRequest() (*http.Request, error) {
	req, err := generated.NewCreatePaymentsRequestWithBody(server, AccountSID, CallSID, formType, bytes.NewReader(body))
	if err == nil {
		req.Header["Authorization"] = authHeader
	}
	return req, err
}

// GeneratedResponse reads a response into the generated type and returns its
// SID.
func GeneratedResponse(text []byte) (sid string, err error) {
	var session generated.Session
	err = json.Unmarshal(text, &session)
	return session.SID, err
}
