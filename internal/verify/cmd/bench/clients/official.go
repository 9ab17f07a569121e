package clients

import (
	"context"
	"net/http"
	"time"

	"github.com/twilio/twilio-go/client"
	openapi "github.com/twilio/twilio-go/rest/api/v2010"
)

// NewOfficial returns twilio-go over a transport. Its http.Client is the one
// twilio-go creates: 10 s timeout, no redirects. The key is a constant; a user
// would have to create one for each call.
func NewOfficial(name string, transport http.RoundTripper) Client {
	c := &client.Client{
		Credentials: client.NewCredentials(AccountSID, AuthToken),
		HTTPClient: &http.Client{
			Timeout:       10 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport:     transport,
		},
	}
	c.SetAccountSid(AccountSID)
	api, params := openapi.NewApiServiceWithClient(c), officialParams()
	return Client{name, func(context.Context) error {
		_, err := api.CreatePayments(CallSID, params)
		return err
	}}
}
