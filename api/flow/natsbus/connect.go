package natsbus

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Connect connects to NATS with settings suitable for payments. With the
// client's defaults, an outage of two minutes ends the connection permanently,
// and a silent server is noticed only after six. The connection
//
//   - never gives up, however long the outage, even if a server refuses the
//     credentials for a while;
//   - pings its server every 1.5 s, and considers it dead when two pings have no
//     response, after 4.5 s at most; then it reconnects to another of the
//     servers, or the same one, with at most half a second between attempts;
//   - gives up after 2 s on a server that accepts a connection but sends nothing;
//   - buffers nothing while disconnected: the bus retries what is worth retrying,
//     and a write must not be sent after its flow has given up.
//
// The URLs are separated by commas. Options override these settings: give
// credentials and TLS by nats.UserCredentials, nats.RootCAs and others. Connect
// itself fails if no server is reachable; with nats.RetryOnFailedConnect(true)
// it returns at once and keeps trying.
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
