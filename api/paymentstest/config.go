package paymentstest

import (
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"github.com/twiliopay/twiliopay-go/internal/hosturl"
	"log/slog"
	"net"
	"strings"
)

// config is what the options of a server say.
type config struct {
	credentials     *credentials
	addr            string
	anyAddr         bool
	inMemory        bool
	allowInvalid    bool
	capitalBooleans bool
	clock           Clock
	seed            uint64
	injectors       []Injector
	rule            func(Callback) Delivery
	caller          Caller
	gateway         func(Payment) Verdict
	live            bool
	history         int
	historyBytes    int
	maxSessions     int
	logger          *slog.Logger

	hosts         []string // by which clients call the server
	callbackHosts []string
	callbackTLS   *tls.Config

	assume Assumptions
}

func newConfig(opts []Option) (config, error) {
	c := config{
		credentials: newCredentials(),
		addr:        "127.0.0.1:0",
		clock:       systemClock{},
		seed:        1,
	}
	for i, opt := range opts {
		if opt == nil {
			return c, fmt.Errorf("paymentstest: option %d: must not be nil", i+1)
		}
		if err := opt(&c); err != nil {
			return c, err
		}
	}
	host, _, err := net.SplitHostPort(c.addr)
	if err != nil {
		return c, optionError("WithAddr", "must be host:port")
	}
	if !c.anyAddr && !hosturl.IsLoopback(host) {
		return c, errAddr
	}
	if c.anyAddr && c.credentials.token == "" {
		c.credentials.token = strings.ToLower(rand.Text()) // the default is published
	}
	if c.credentials.token == "" {
		c.credentials.token = DefaultAuthToken
	}
	return c, nil
}
