package clients

import (
	"context"
	"log/slog"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// NewOurs returns this SDK with its defaults: a new idempotency key for each
// call, validation, retries, a timeout per attempt. It also has a logger whose
// level logs nothing.
func NewOurs(opts ...payments.Option) (Client, error) {
	client, err := payments.NewClient(append([]payments.Option{
		payments.WithCredentials(AccountSID, AuthToken),
		payments.WithLogger(slog.New(slog.DiscardHandler)),
	}, opts...)...)
	if err != nil {
		return Client{}, err
	}
	params := Params()
	params.IdempotencyKey = ""
	return Client{Ours, func(ctx context.Context) error {
		_, err := client.Create(ctx, CallSID, params)
		return err
	}}, nil
}
