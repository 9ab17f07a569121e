package flow

import (
	"errors"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// reference says where the reference of a session travels to the gateway.
type reference struct {
	description bool
	parameter   string
}

const referencePrefix = "twiliopay-"

// WithReferenceInDescription makes [Start] add a reference of the session to the
// end of Description, which Twilio hands to the gateway, so that a person or
// program finds the charge there: "twiliopay-" and 32 hexadecimal digits. It
// derives from call and IdempotencyKey, so that a start which is repeated with its
// key sends the same. [Flow.Reference] returns it and [OpenSession] has it.
// Braintree takes a Description only together with line items in Parameter.
func WithReferenceInDescription() Option {
	return func(c *config) error {
		c.refers.description = true
		return nil
	}
}

// WithReferenceParameter makes [Start] add the reference of
// [WithReferenceInDescription] to Parameter under a name that the connector hands
// to the gateway. A Parameter of that name that is given to Start is an error.
func WithReferenceParameter(name string) Option {
	return func(c *config) error {
		if name == "" {
			return errors.New("WithReferenceParameter: must be the name of a parameter")
		}
		c.refers.parameter = name
		return nil
	}
}

// refer adds the reference of a session to its parameters, if one is asked for,
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

// Reference returns what the gateway has of the session, see
// [WithReferenceInDescription]; empty when Start was not asked for one.
func (f *Flow) Reference() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen.Reference
}
