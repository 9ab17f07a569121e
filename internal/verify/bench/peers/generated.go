package peers

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

// NewGenerated returns the least that can be done with the generated code this
// SDK stands on: it is the floor, but that the generated function builds the
// request and the answer is read into the generated type.
func NewGenerated(transport http.RoundTripper) Client {
	var (
		client = &http.Client{Transport: transport, Timeout: 10 * time.Second}
		body   = []byte(Encoded)
		auth   = []string{authorization}
	)
	return Client{Generated, func(ctx context.Context) error {
		req, err := generated.NewCreatePaymentsRequestWithBody(server, AccountSID, CallSID, "application/x-www-form-urlencoded", bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header["Authorization"] = auth
		resp, err := client.Do(req.WithContext(ctx))
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		var session generated.Session
		if err := json.Unmarshal(text, &session); err != nil {
			return err
		}
		if resp.StatusCode != http.StatusCreated || session.SID == "" {
			return fmt.Errorf("status %d, sid %q", resp.StatusCode, session.SID)
		}
		return nil
	}}
}
