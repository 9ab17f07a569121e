package paymentstest

import "net"

// config is what the options of a server say.
type config struct {
	credentials  credentials
	addr         string
	anyAddr      bool
	inMemory     bool
	allowInvalid bool
	clock        Clock
	seed         uint64
	injectors    []Injector
}

func newConfig(opts []Option) (config, error) {
	c := config{
		credentials: newCredentials(),
		addr:        "127.0.0.1:0",
		clock:       systemClock{},
		seed:        1,
	}
	for _, opt := range opts {
		if opt == nil {
			return c, optionError("option", "must not be nil")
		}
		if err := opt(&c); err != nil {
			return c, err
		}
	}
	host, _, err := net.SplitHostPort(c.addr)
	if err != nil {
		return c, optionError("WithAddr", "must be host:port")
	}
	if !c.anyAddr && !isLoopback(host) {
		return c, optionError("WithAddr", "must be a loopback address, unless AllowRemoteClients is given")
	}
	return c, nil
}
