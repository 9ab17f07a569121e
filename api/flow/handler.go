package flow

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// Handler returns the handler of status callbacks, which publishes them on the
// bus. Mount it where StatusCallback points. The options and responses are
// those of [callback.NewHandler]: it verifies every delivery, and responds 204
// only when the bus has stored the event. When the bus fails or is full it
// responds 500, so that Twilio may retry; Twilio does so if StatusCallback ends
// in a fragment such as "#rc=5&rp=all".
//
// The bus deduplicates deliveries; the handler itself remembers none, unless
// callback.WithDeduplicator is given. A message is identified by what Twilio
// signed, [callback.Event.DeliveryID]: a repeated delivery is one message,
// while equal forms at two URLs, such as two captures of one field that both
// time out, are two.
//
// The handler accepts the callbacks of all sessions, including those that
// [Start] did not start.
//
// Some gateways change the order of query parameters, so the handler moves the
// parameter that [Start] adds back to the end before it checks the signature.
// Where a gateway changes other parameters too, see the examples of
// [callback.WithPublicURLFunc]; the function gets the request with the
// parameter in its place.
func Handler(bus Bus, opts ...callback.Option) (http.Handler, error) {
	if bus == nil {
		return nil, errors.New("flow: Handler needs a bus")
	}
	opts = append([]callback.Option{callback.WithDeduplicator(everyDelivery{})}, opts...)
	h, err := callback.NewHandler(func(ctx context.Context, e callback.Event) error {
		if isCut(e) {
			return errCut
		}
		m := messageOf(e)
		if err := m.Session.Validate(); err != nil {
			return err
		}
		ctx, cancel := inTime(ctx)
		defer cancel()
		return bus.Publish(ctx, m)
	}, opts...)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, tagLast(r)) }), nil
}

// everyDelivery accepts every delivery: the bus deduplicates them.
type everyDelivery struct{}

func (everyDelivery) Claim(_ context.Context, key string) (callback.Claim, error) {
	return callback.Claim{Key: key, State: callback.ClaimGranted}, nil
}

func (everyDelivery) Settle(context.Context, callback.Claim, bool) error { return nil }

var errCut = errors.New("flow: the end of the callback's URL is missing")

// inTime returns a context that ends a little before ctx does. The handler then
// responds that the bus failed and has finished with the delivery: a retry from
// Twilio that arrives while it is still in progress would be refused.
func inTime(ctx context.Context) (context.Context, context.CancelFunc) {
	end, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, end.Add(-time.Until(end)/10))
}

// messageOf returns the message of a verified callback. The tag is not in the
// form; it is read from the URL that Twilio signed.
func messageOf(e callback.Event) Message {
	m := Message{
		Session: Session{AccountSID: e.AccountSID, CallSID: e.CallSID, SID: e.SID},
		ID:      e.DeliveryID(),
		Body:    wire.Hide(e.Raw().Encode()),
		Final:   e.Kind == callback.Completed && isFinalEnd(e),
	}
	if tag, tagged := tagOf(e.SignedURL()); tagged {
		m.Session.CallSID, m.Flow, m.Step = tag.call, tag.flow, tag.step
	}
	return m
}
