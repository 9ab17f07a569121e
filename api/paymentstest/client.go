package paymentstest

import "github.com/twiliopay/twiliopay-go/api/payments"

// ClientOptions returns what makes a client talk to this server as its account:
//
//	client, err := payments.NewClient(srv.ClientOptions()...)
func (s *Server) ClientOptions() []payments.Option {
	return []payments.Option{
		payments.WithBaseURL(s.URL),
		payments.WithCredentials(s.AccountSID(), s.AuthToken()),
		payments.WithHTTPClient(s.client),
	}
}
