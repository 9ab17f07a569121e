package clients

import (
	"context"
	"fmt"
	"net/http"

	"github.com/twiliopay/twiliopay-go/internal/verify/cmd/bench/bare"
)

// NewBare returns oapi-codegen's client with nothing around it: forms by
// runtime.MarshalForm, no checks, no timeout, no retries, and a constant key.
func NewBare(transport http.RoundTripper) (Client, error) {
	c, err := bare.NewClientWithResponses(server,
		bare.WithHTTPClient(&http.Client{Transport: transport}),
		bare.WithRequestEditorFn(func(_ context.Context, req *http.Request) error {
			req.Header.Set("Authorization", authorization)
			return nil
		}))
	if err != nil {
		return Client{}, err
	}
	params := BareParams()
	return Client{Bare, func(ctx context.Context) error {
		resp, err := c.CreatePaymentsWithFormdataBodyWithResponse(ctx, AccountSID, CallSID, params)
		if err == nil && resp.JSON201 == nil {
			err = fmt.Errorf("status %d", resp.StatusCode())
		}
		return err
	}}, nil
}
