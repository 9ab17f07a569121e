package main

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/console"
)

// greet prints the addresses of the sandbox and its page, the variables to export,
// and a request to try. It does not print a given token, which may be real.
func greet(out io.Writer, s settings, srv *paymentstest.Server, page *console.Console) {
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
	p("Simulated Twilio on %s", srv.URL)
	p("  caller  %s, one key every %v", s.caller, s.pace)
	p("  seed    %d", s.seed)
	switch {
	case page == nil:
		p("  page    off, because other machines can reach the sandbox: set a token with -console-token")
	case s.consoleToken != "":
		p("Open in a browser:\n  %s/#token=  # followed by your -console-token", local(srv.URL))
	default:
		p("Open in a browser:\n  %s", page.URL(local(srv.URL)))
	}
	p("Point a program at it:")
	p("  export TWILIO_BASE_URL=%s", local(srv.URL))
	p("  export TWILIO_ACCOUNT_SID=%s", srv.AccountSID())
	if s.token == "" {
		p("  export TWILIO_AUTH_TOKEN=%s", srv.AuthToken())
	} else {
		p("  export TWILIO_AUTH_TOKEN  # your auth token")
	}
	p("Start a payment:")
	p(`  curl -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" -d IdempotencyKey=first -d ChargeAmount=1.00 \`)
	p(`    -d StatusCallback=http://127.0.0.1:8080/status \`)
	p(`    "$TWILIO_BASE_URL/2010-04-01/Accounts/$TWILIO_ACCOUNT_SID/Calls/CA00000000000000000000000000000001/Payments.json"`)
}

// announce logs the same as greet, for programs.
func announce(log *slog.Logger, s settings, srv *paymentstest.Server, page *console.Console) {
	attrs := []any{"base_url", local(srv.URL), "account_sid", srv.AccountSID(), "caller", s.caller, "pace", s.pace.String(), "seed", s.seed}
	if s.token == "" {
		attrs = append(attrs, "auth_token", srv.AuthToken())
	}
	if page != nil && s.consoleToken == "" {
		attrs = append(attrs, "page", page.URL(local(srv.URL)))
	}
	log.Info("serving", attrs...)
}

// local returns the URL at which this machine reaches the sandbox.
func local(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	if ip := net.ParseIP(u.Hostname()); ip != nil && ip.IsUnspecified() {
		u.Host = net.JoinHostPort("127.0.0.1", u.Port())
	}
	return u.String()
}
