package clients

import (
	"context"
	"log/slog"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// NewOurs returns this SDK with everything it does by default switched on: a
// fresh idempotency key for each call, checks, retries, the attempt's timeout.
// In addition there is a logger, of a level that logs nothing.
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
