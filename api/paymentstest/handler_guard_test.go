package paymentstest_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestAWebPageCannotDriveTheServer sends what a page in the developer's browser
// can send, and what programs send. The credentials are always right.
func TestAWebPageCannotDriveTheServer(t *testing.T) {
	t.Parallel()
	remote := []paymentstest.Option{paymentstest.WithAddr("0.0.0.0:0"), paymentstest.AllowRemoteClients()}
	for _, tt := range []struct {
		name   string
		opts   []paymentstest.Option
		host   string // with PORT for the server's port
		header map[string]string
		status int
	}{
		{name: "a program", host: "127.0.0.1:PORT", status: 201},
		{name: "by name", host: "localhost:PORT", status: 201},
		{name: "by name in capitals, with a dot", host: "LocalHost.:PORT", status: 201},
		{name: "by IPv6", host: "[::1]:PORT", status: 201},
		{name: "rebound name", host: "evil.example:PORT", status: 421},
		{name: "rebound name without port", host: "evil.example", status: 421},
		{name: "name with a good prefix", host: "localhost.evil.example:PORT", status: 421},
		{name: "name with a good suffix", host: "evil.localhost:PORT", status: 421},
		{name: "other port", host: "localhost:1", status: 421},
		{name: "no port", host: "localhost", status: 421},
		{name: "address of another machine", host: "192.0.2.1:PORT", status: 421},
		{name: "unspecified address", host: "0.0.0.0:PORT", status: 421},
		{name: "named host", opts: []paymentstest.Option{paymentstest.WithHosts("Host.Docker.Internal")}, host: "host.docker.internal:4010", status: 201},
		{name: "host not named", opts: []paymentstest.Option{paymentstest.WithHosts("host.docker.internal")}, host: "evil.example:4010", status: 421},
		{name: "remote client, by address", opts: remote, host: "192.0.2.1:80", status: 201},
		{name: "remote client, through a mapped port", opts: remote, host: "localhost:80", status: 201},
		{name: "remote server, rebound name", opts: remote, host: "evil.example:PORT", status: 421},
		{name: "form of another site", host: "127.0.0.1:PORT", header: map[string]string{"Sec-Fetch-Site": "cross-site"}, status: 403},
		{name: "form of another port", host: "127.0.0.1:PORT", header: map[string]string{"Sec-Fetch-Site": "same-site"}, status: 403},
		{name: "form of an old browser", host: "127.0.0.1:PORT", header: map[string]string{"Origin": "https://evil.example"}, status: 403},
		{name: "form of a file", host: "127.0.0.1:PORT", header: map[string]string{"Origin": "null"}, status: 403},
		{name: "same origin", host: "127.0.0.1:PORT", header: map[string]string{"Sec-Fetch-Site": "same-origin"}, status: 201},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var logged bytes.Buffer
			srv := paymentstest.NewServer(t, append(tt.opts, paymentstest.WithLogger(slog.New(slog.NewTextHandler(&logged, nil))))...)
			u, err := url.Parse(srv.URL)
			if err != nil {
				t.Fatal(err)
			}
			r := createOn(srv, callSID)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:"+u.Port()+r.path, strings.NewReader(r.body))
			if err != nil {
				t.Fatal(err)
			}
			req.SetBasicAuth(r.user, r.password)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Host = strings.ReplaceAll(tt.host, "PORT", u.Port())
			for name, value := range tt.header {
				req.Header.Set(name, value)
			}
			resp, err := srv.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != tt.status {
				t.Errorf("status %d, want %d", resp.StatusCode, tt.status)
			}
			srv.Close()
			if refused := tt.status != 201; refused != (len(srv.Requests()) == 0) || refused != strings.Contains(logged.String(), "request refused") {
				t.Errorf("%d requests recorded, logged:\n%s", len(srv.Requests()), &logged)
			}
		})
	}
}

func TestRemoteClientsNeedATokenOfTheirOwn(t *testing.T) {
	t.Parallel()
	tokens := map[string]bool{}
	for range 3 {
		srv := paymentstest.NewServer(t, paymentstest.AllowRemoteClients())
		if token := srv.AuthToken(); len(token) < 26 || token == paymentstest.DefaultAuthToken || tokens[token] {
			t.Errorf("token %q", token)
		}
		tokens[srv.AuthToken()] = true
		r := createOn(srv, callSID)
		r.password = paymentstest.DefaultAuthToken
		if resp, _, err := r.send(t, srv); err != nil || resp.StatusCode != 401 {
			t.Errorf("the documented token: %v, %v, want StatusCode 401", resp, err)
		}
	}
	chosen := paymentstest.NewServer(t, paymentstest.AllowRemoteClients(),
		paymentstest.WithCredentials(paymentstest.DefaultAccountSID, paymentstest.DefaultAuthToken))
	if chosen.AuthToken() != paymentstest.DefaultAuthToken {
		t.Error("the configured token is not used")
	}
}

// TestCallbackTargetsAreCheckedByAddress posts to names that resolve to other
// addresses than they suggest; see resolve.
func TestCallbackTargetsAreCheckedByAddress(t *testing.T) {
	t.Parallel()
	hit := make(chan struct{}, 10)
	web := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hit <- struct{}{} }))
	t.Cleanup(web.Close)
	_, port, err := net.SplitHostPort(web.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		host      string
		named     []string
		delivered bool
	}{
		{"127.0.0.1", nil, true},
		{"localhost", nil, true},
		{"app.localhost", nil, true},      // resolves to 127.0.0.1
		{"rebound.localhost", nil, false}, // resolves to 192.0.2.1
		{"app.example", nil, false},       // resolves to 127.0.0.1, and is not looked up
		{"app.example", []string{"app.example"}, true},
		{"cloud.example", []string{"cloud.example"}, false}, // resolves to 169.254.169.254
		{"0.0.0.0", nil, false},
		{"169.254.169.254", nil, false},
		{"[::ffff:127.0.0.1]", nil, true},
	} {
		t.Run(tt.host+strings.Join(tt.named, ","), func(t *testing.T) {
			srv := paymentstest.NewServer(t, paymentstest.WithCallbackHosts(tt.named...))
			_, err := newClient(t, srv).Create(t.Context(), callSID, payments.CreateParams{StatusCallback: "http://" + tt.host + ":" + port})
			if err != nil {
				t.Fatal(err)
			}
			if err := srv.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			c := srv.Callbacks()[0]
			if c.Delivered() != tt.delivered || !tt.delivered && !errors.Is(c.Attempts[0].Err, paymentstest.ErrNotLocal) || len(c.Attempts) != 1 {
				t.Errorf("attempts %+v", c.Attempts)
			}
			if tt.delivered {
				<-hit
			}
		})
	}
	if len(hit) > 0 {
		t.Errorf("%d posts too many", len(hit))
	}
}

// names are the names that the tests' resolver knows.
var names = map[string]net.IP{
	"app.localhost.":     net.IPv4(127, 0, 0, 1),
	"app.example.":       net.IPv4(127, 0, 0, 1),
	"rebound.localhost.": net.IPv4(192, 0, 2, 1),
	"cloud.example.":     net.IPv4(169, 254, 169, 254),
}

// resolve responds to DNS queries over one connection, framed as over TCP.
func resolve(conn net.Conn) {
	defer conn.Close()
	for {
		var size uint16
		if binary.Read(conn, binary.BigEndian, &size) != nil {
			return
		}
		query := make([]byte, size)
		if _, err := conn.Read(query); err != nil {
			return
		}
		name, end := "", 12
		for query[end] != 0 {
			n := int(query[end])
			name += string(query[end+1:end+1+n]) + "."
			end += 1 + n
		}
		question := query[12 : end+5]
		ip := names[strings.ToLower(name)].To4()
		isA := binary.BigEndian.Uint16(query[end+1:]) == 1
		reply := append([]byte{}, query[:2]...)
		switch {
		case ip != nil && isA:
			reply = append(reply, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0)
			reply = append(reply, question...)
			reply = append(reply, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4)
			reply = append(reply, ip...)
		case ip != nil:
			reply = append(append(reply, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0), question...)
		default:
			reply = append(append(reply, 0x81, 0x83, 0, 1, 0, 0, 0, 0, 0, 0), question...)
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...)); err != nil {
			return
		}
	}
}

// TestRefusedHostIsReported expects one note to the test about a client that sets
// another Host.
func TestRefusedHostIsReported(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{TB: t}
	srv := paymentstest.NewServer(tb)
	for range 3 {
		r := createOn(srv, callSID)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+r.path, strings.NewReader(r.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "api.twilio.com"
		resp, err := srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	tb.cleanup()
	if len(tb.notes) != 1 || !strings.Contains(tb.notes[0], `host "api.twilio.com" is refused with 421`) || !strings.Contains(tb.notes[0], srv.URL) || len(tb.errors) > 0 {
		t.Errorf("notes %q, errors %q", tb.notes, tb.errors)
	}
}

// TestServeOther expects a custom handler to get every path except the API's, on a
// socket and in memory, and Close to wait for it.
func TestServeOther(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]paymentstest.Option{"socket": nil, "memory": {paymentstest.InMemory()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := paymentstest.NewServer(t, append(opts, paymentstest.AllowInvalidRequests())...)
			get := func(path, host string) int {
				t.Helper()
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				req.Host = host
				resp, err := srv.Client().Do(req)
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
				return resp.StatusCode
			}
			if got := get("/page", ""); got != http.StatusNotFound {
				t.Errorf("without a handler: %d, want %d", got, http.StatusNotFound)
			}
			began, left := make(chan struct{}), false
			srv.ServeOther(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/slow" {
					close(began)
					<-r.Context().Done()
					left = true
				}
				w.WriteHeader(http.StatusTeapot)
			}))
			for path, want := range map[string]int{
				"/": 418, "/page": 418, "/2010-04-02": 418, "/2010-04-012": 418,
				"/2010-04-01": 404, "/2010-04-01/": 404, "/2010-04-01/page": 404,
			} {
				if got := get(path, ""); got != want {
					t.Errorf("%s: %d, want %d", path, got, want)
				}
			}
			if name == "socket" && get("/page", "evil.example") != http.StatusMisdirectedRequest {
				t.Error("the handler is reached by another name")
			}
			go func() {
				if resp, err := srv.Client().Get(srv.URL + "/slow"); err == nil { //nolint:noctx // ends with the server
					_ = resp.Body.Close()
				}
			}()
			<-began
			srv.Close()
			if !left {
				t.Error("Close returned while the handler was at work")
			}
		})
	}
}
