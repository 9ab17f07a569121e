package flow

import (
	"errors"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// reference says where a session's reference is sent to the gateway.
type reference struct {
	description bool
	parameter   string
}

const referencePrefix = "twiliopay-"

// WithReferenceInDescription makes [Start] append a reference of the session to
// Description, which Twilio passes to the gateway, so that a person or program
// can find the charge there: "twiliopay-" and 32 hexadecimal digits. It derives
// from call and IdempotencyKey, so a start repeated with its key sends the same
// reference. [Flow.Reference] returns it and [OpenSession] has it. Braintree
// accepts a Description only together with line items in Parameter.
func WithReferenceInDescription() Option {
	return func(c *config) error {
		c.refers.description = true
		return nil
	}
}

// WithReferenceParameter makes [Start] add the reference of
// [WithReferenceInDescription] to Parameter, under a name that the connector
// passes to the gateway. It is an error to give Start a Parameter of that name.
func WithReferenceParameter(name string) Option {
	return func(c *config) error {
		if name == "" {
			return errors.New("WithReferenceParameter: must be the name of a parameter")
		}
		c.refers.parameter = name
		return nil
	}
}

// refer adds the session's reference to its parameters, if one is asked for,
// and returns it.
func (c *config) refer(flow string, p *payments.CreateParams) (string, error) {
	if c.refers == (reference{}) {
		return "", nil
	}
	text := referencePrefix + flow
	if c.refers.description {
		if p.Description != "" {
			p.Description += " "
		}
		p.Description += text
	}
	if name := c.refers.parameter; name != "" {
		all := p.Parameter.Reveal()
		if _, taken := all[name]; taken {
			return "", invalid("Parameter", "must not hold "+name+", which WithReferenceParameter sets")
		}
		if all == nil {
			all = make(map[string]string)
		}
		all[name] = text
		p.Parameter = wire.NewParameters(all)
	}
	return text, nil
}

// Reference returns the session's reference at the gateway, see
// [WithReferenceInDescription]; empty if Start was not asked for one.
func (f *Flow) Reference() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen.Reference
}
