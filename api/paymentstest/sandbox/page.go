package main

import (
	"errors"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/console"
)

// openPage serves the console. It returns nil if other machines can reach the
// sandbox and no console token is set.
func openPage(s settings, srv *paymentstest.Server) (*console.Console, error) {
	if s.remoteClients && s.consoleToken == "" {
		return nil, nil
	}
	var opts []console.Option
	if s.consoleToken != "" {
		opts = append(opts, console.WithToken(s.consoleToken))
	}
	if s.remoteClients {
		opts = append(opts, console.AllowRemoteClients())
	}
	if s.hosts != "" {
		opts = append(opts, console.WithHosts(strings.Split(s.hosts, ",")...))
	}
	page, err := console.New(srv, opts...)
	if err != nil {
		return nil, usageError{errors.New(strings.Replace(err.Error(), "console: WithHosts", "-hosts", 1))}
	}
	srv.ServeOther(page)
	return page, nil
}
