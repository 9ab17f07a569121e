package paymentstest

// WithCaller lets a scripted caller answer on every call. Default none: the test
// presses the keys. [Call.AnswerWith] changes it for one call.
func WithCaller(caller Caller) Option {
	return func(c *config) error {
		if caller == nil {
			return optionError("WithCaller caller", "must not be nil")
		}
		c.caller = caller
		return nil
	}
}

// WithGateway decides payments. It is called for one payment at a time, after
// [Server.DeclineNext] and the check of TEST mode, and must not call the server.
// Default: everything is approved.
func WithGateway(gateway func(Payment) Verdict) Option {
	return func(c *config) error {
		if gateway == nil {
			return optionError("WithGateway gateway", "must not be nil")
		}
		c.gateway = gateway
		return nil
	}
}

// LiveMode makes the connector take any card and bank account with a valid
// number. Default is TEST mode, which takes Twilio's test cards and test bank
// accounts and declines others with 64022 and 64023.
func LiveMode() Option {
	return func(c *config) error {
		c.live = true
		return nil
	}
}
