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

// greet prints where the sandbox and its page are, what to
// export, and a request to try. A token that was given may be a real one and is
// not printed.
func greet(out io.Writer, s settings, srv *paymentstest.Server, page *console.Console) {
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
	p("Simulated Twilio on %s", srv.URL)
	p("  caller  %s, a key every %v", s.caller, s.pace)
	p("  seed    %d", s.seed)
	switch {
	case page == nil:
		p("  page    none, because other machines reach the sandbox: choose a token with -console-token")
	case s.consoleToken != "":
		p("Open in a browser:\n  %s/#token=  # and the token you gave", local(srv.URL))
	default:
		p("Open in a browser:\n  %s", page.URL(local(srv.URL)))
	}
	p("Point a program at it:")
	p("  export TWILIO_BASE_URL=%s", local(srv.URL))
	p("  export TWILIO_ACCOUNT_SID=%s", srv.AccountSID())
	if s.token == "" {
		p("  export TWILIO_AUTH_TOKEN=%s", srv.AuthToken())
	} else {
		p("  export TWILIO_AUTH_TOKEN  # the token you gave")
	}
	p("Start a payment:")
	p(`  curl -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" -d IdempotencyKey=first -d ChargeAmount=1.00 \`)
	p(`    -d StatusCallback=http://127.0.0.1:8080/status \`)
	p(`    "$TWILIO_BASE_URL/2010-04-01/Accounts/$TWILIO_ACCOUNT_SID/Calls/CA00000000000000000000000000000001/Payments.json"`)
}

// announce says the same as greet to a program.
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

// local is the URL by which this machine reaches the sandbox.
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
