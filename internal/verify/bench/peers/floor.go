package peers

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// NewFloor returns the least that can be done with net/http: URL, body and
// headers are ready, there is a timeout, and the answer is read for its SIDs.
func NewFloor(transport http.RoundTripper) Client {
	var (
		client = &http.Client{Transport: transport, Timeout: 10 * time.Second}
		url    = server + "/2010-04-01/Accounts/" + AccountSID + "/Calls/" + CallSID + "/Payments.json"
		body   = []byte(Encoded)
		form   = []string{"application/x-www-form-urlencoded"}
		auth   = []string{authorization}
	)
	return Client{Floor, func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header["Content-Type"], req.Header["Authorization"] = form, auth
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		var session struct {
			AccountSID string `json:"account_sid"`
			CallSID    string `json:"call_sid"`
			SID        string `json:"sid"`
		}
		if err := json.Unmarshal(text, &session); err != nil {
			return err
		}
		if resp.StatusCode != http.StatusCreated || session.SID == "" {
			return fmt.Errorf("status %d, sid %q", resp.StatusCode, session.SID)
		}
		return nil
	}}
}
