package flow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// Handler returns the handler of status callbacks that publishes them on the
// bus, to be mounted where StatusCallback points. The options and answers are
// those of [callback.NewHandler]: it verifies every delivery, and answers 204
// only when the bus has the event. When the bus fails or is full it answers
// 500, so that Twilio may deliver again, which it does when StatusCallback asks
// for that with a fragment such as "#rc=5&rp=all".
//
// The callbacks of all sessions may come here, also of those that [Start] did
// not start.
//
// The parameter that [Start] adds to the query is put back to its end before the
// signature is checked: some gateways change the order. Where a gateway changes
// other parameters too, see the examples of [callback.WithPublicURLFunc]; the
// function gets the request with the parameter in its place.
func Handler(bus Bus, opts ...callback.Option) (http.Handler, error) {
	if bus == nil {
		return nil, errors.New("flow: Handler needs a bus")
	}
	h, err := callback.NewHandler(func(ctx context.Context, e callback.Event) error {
		d, _ := ctx.Value(deliveryKey{}).(delivery)
		m := d.message(e)
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
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d := delivery{token: r.Header.Get("I-Twilio-Idempotency-Token")}
		d.tag, r, d.tagged = tagOf(r)
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), deliveryKey{}, d)))
	}), nil
}

// inTime ends a little before ctx does. The handler then answers that the bus
// failed, and is done with the delivery: Twilio may come again at once, and were
// it still being worked on, that would be refused.
func inTime(ctx context.Context) (context.Context, context.CancelFunc) {
	end, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, end.Add(-time.Until(end)/10))
}

// delivery is what a request says besides its form.
type delivery struct {
	token  string
	tag    tag
	tagged bool
}

type deliveryKey struct{}

func (d delivery) message(e callback.Event) Message {
	m := Message{
		Session: Session{AccountSID: e.AccountSID, CallSID: e.CallSID, SID: e.SID},
		Body:    e.Raw().Encode(),
		Final:   e.Kind == callback.Completed,
	}
	if d.tagged {
		m.Session.CallSID, m.Flow, m.Step = d.tag.call, d.tag.flow, d.tag.step
	}
	m.ID = d.id(m)
	return m
}

// id names the delivery by Twilio's token, as a digest because it becomes part
// of keys, or by what it says when there is none.
func (d delivery) id(m Message) string {
	of := "token\n" + d.token
	if d.token == "" {
		of = "body\n" + d.tag.on("") + "\n" + m.Body
	}
	sum := sha256.Sum256([]byte(of))
	return hex.EncodeToString(sum[:16])
}
