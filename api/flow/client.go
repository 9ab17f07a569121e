package flow

import (
	"context"
	"errors"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Client is the part of *[payments.Client] that a flow uses.
type Client interface {
	Create(ctx context.Context, callSID string, params payments.CreateParams, opts ...payments.Option) (*payments.Session, error)
	Update(ctx context.Context, callSID, sid string, params payments.UpdateParams, opts ...payments.Option) (*payments.Session, error)
}

var _ Client = (*payments.Client)(nil)

// mayHaveActed reports whether Twilio may have acted although the call failed.
// An error that is not the client's own says nothing, so that it may have.
func mayHaveActed(err error) bool {
	e, ok := errors.AsType[*payments.Error](err)
	return err != nil && (!ok || e.OutcomeUnknown())
}
