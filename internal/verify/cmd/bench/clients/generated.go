package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/twiliopay/twiliopay-go/generated"
)

// NewGenerated returns the floor with the generated code that this SDK uses:
// the generated function builds the request, and the response is read into the
// generated type.
func NewGenerated(transport http.RoundTripper) Client {
	request := func(ctx context.Context) (*http.Request, error) {
		req, err := GeneratedRequest()
		if err != nil {
			return nil, err
		}
		return req.WithContext(ctx), nil
	}
	return overHTTP(Generated, transport, request, GeneratedResponse)
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
