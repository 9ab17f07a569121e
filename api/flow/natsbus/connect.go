package natsbus

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Connect connects to NATS as payments need it, where the client's defaults do
// not: an outage of two minutes would end the connection for good, and a server
// that falls silent would be noticed after six. The connection
//
//   - is never given up, whatever the outage, also when a server refuses the
//     credentials for a while;
//   - pings its server every 1.5 s, and takes it for dead when two pings have no
//     response, after 4.5 s at most; then it goes to another of the servers, or
//     to the same one, within half a second between tries;
//   - gives up on a server that takes a connection and says nothing after 2 s;
//   - buffers nothing while there is no connection: the bus repeats what is
//     worth it, and a write must not be sent when its flow has long given up.
//
// The URLs are separated by commas. Options add to these and win over them: give
// credentials and TLS by nats.UserCredentials, nats.RootCAs and others. Connect
// itself fails when no server can be reached; with
// nats.RetryOnFailedConnect(true) it returns at once and goes on trying.
func Connect(urls string, opts ...nats.Option) (*nats.Conn, error) {
	for u := range strings.SplitSeq(urls, ",") {
		if _, err := url.Parse(strings.TrimSpace(u)); err != nil {
			return nil, errors.New("natsbus: Connect needs URLs of servers, such as tls://nats.example.com:4222, separated by commas") // the client's error would show a password
		}
	}
	return nats.Connect(urls, append([]nats.Option{
		nats.Name("twiliopay"),
		nats.Timeout(2 * time.Second),
		nats.PingInterval(1500 * time.Millisecond), nats.MaxPingsOutstanding(2),
		nats.MaxReconnects(-1), nats.IgnoreAuthErrorAbort(),
		nats.ReconnectWait(250 * time.Millisecond), nats.ReconnectJitter(250*time.Millisecond, 250*time.Millisecond),
		nats.ReconnectBufSize(-1),
	}, opts...)...)
}
