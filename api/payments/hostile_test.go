package payments_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/wire"
)

// rawServer is a listener without net/http's leniency: it records the bytes of
// every request.
type rawServer struct {
	url string
	mu  sync.Mutex
	got []string
}

func newRawServer(t *testing.T) *rawServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &rawServer{url: "http://" + l.Addr().String()}
	var conns sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		conns.Wait()
	})
	conns.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() { s.serve(conn) })
		}
	})
	return s
}

func (s *rawServer) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	r := bufio.NewReader(conn)
	var head bytes.Buffer
	length := 0
	for {
		line, err := r.ReadString('\n')
		head.WriteString(line)
		if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "Content-Length") {
			length, _ = strconv.Atoi(textproto.TrimString(value))
		}
		if err != nil || line == "\r\n" {
			break
		}
	}
	_, _ = io.CopyN(&head, r, int64(length))
	s.mu.Lock()
	s.got = append(s.got, head.String())
	s.mu.Unlock()
	status := "201 Created"
	if strings.Contains(head.String(), "/Payments/PK") {
		status = "202 Accepted"
	}
	session := sessionAt(head.String())
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", status, len(session), session)
}

func (s *rawServer) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	got := s.got
	s.got = nil
	return got
}

// hostile returns values that would change a path, made from a valid SID.
func hostile(sid string) []string {
	values := []string{
		"", ".", "..", "../..", "%2e%2e", "%2E%2E%2F", "..%2f", "%252e%252e", "/", "//", "\\", "..\\..", "?", "#", "\n", "\r\n", "\x00",
		"{CallSid}", "{AccountSid}", "%", "%%", "%zz", ";", ":", "@", "*", " ", "\t", "٠", "ｃ", "\u202e", "\ufeff", "\xff\xfe",
		"https://evil.example/", "//evil.example/" + sid, "a\r\nHost: evil.example\r\n\r\nGET / HTTP/1.1",
		strings.ToLower(sid), strings.Repeat("A", 1<<16), sid + ".json", sid + "/../../../..", "../" + sid, "./" + sid, sid + "/", "/" + sid,
		"MC" + sid[2:], "SK" + sid[2:], sid[:2] + strings.Repeat("０", 32), sid + sid,
	}
	for _, c := range []string{"/", "\\", "?", "#", "%", "\n", "\r", "\x00", " ", ".", ";", "&", "=", "+", "g", "é", "{", "}", "\xff"} {
		values = append(values, c+sid, sid+c, c+sid[1:], sid[:33]+c, sid[:10]+c+sid[11:], sid[:10]+c+sid[10:])
		values = append(values, sid[:10]+fmt.Sprintf("%%%02x", c[0])+sid[11:], sid[:30]+fmt.Sprintf("%%%02X", c[0])+sid[33:])
	}
	return values
}

// Whatever a SID holds, the client sends only paths of the contract, with
// validation and without.
func TestHostileSIDsNeverReachThePath(t *testing.T) {
	t.Parallel()
	s := newRawServer(t)
	for _, base := range []string{s.url, s.url + "/proxy/twilio/"} {
		for _, opts := range [][]payments.Option{nil, {payments.WithoutValidation()}} {
			client := newClient(t, base, append(opts, payments.WithMaxRetries(0))...)
			for _, value := range hostile(callSID) {
				_, err := client.Create(context.Background(), value, payments.CreateParams{StatusCallback: callback})
				refusedUnsent(t, s, "CallSid", value, err)
				_, err = client.Update(context.Background(), value, paymentSID, payments.UpdateParams{StatusCallback: callback, Status: payments.StatusCancel})
				refusedUnsent(t, s, "CallSid", value, err)
			}
			for _, value := range hostile(paymentSID) {
				_, err := client.Update(context.Background(), callSID, value, payments.UpdateParams{StatusCallback: callback, Status: payments.StatusCancel})
				refusedUnsent(t, s, "Sid", value, err)
			}
			for _, value := range hostile(accountSID) {
				_, err := client.Create(context.Background(), callSID, payments.CreateParams{StatusCallback: callback}, payments.WithAccount(value))
				refusedUnsent(t, s, "AccountSid", value, err)
				if _, err := payments.NewClient(payments.WithCredentials(value, "token")); err == nil {
					t.Errorf("WithCredentials(%q) was accepted", value)
				}
			}
		}
	}
}

func refusedUnsent(t *testing.T, s *rawServer, field, value string, err error) {
	t.Helper()
	if got := s.take(); err == nil || len(got) > 0 {
		t.Errorf("%s %q: error %v, and %q was sent", field, value, err, got)
	}
}

// A changed SID is either valid, and then sent unchanged in the path, or refused.
func TestMutatedSIDsAreSentOnlyIfValid(t *testing.T) {
	t.Parallel()
	s := newRawServer(t)
	client := newClient(t, s.url, payments.WithMaxRetries(0))
	random := rand.New(rand.NewPCG(1, 2))
	sent := 0
	for range 3000 {
		sid := []byte(callSID)
		for range 1 + random.IntN(2) {
			c := byte(random.IntN(256))
			if random.IntN(2) == 0 {
				c = "0123456789abcdefABCDEF"[random.IntN(22)]
			}
			sid[2+random.IntN(32)] = c
		}
		_, err := client.Create(context.Background(), string(sid), payments.CreateParams{StatusCallback: callback})
		got := s.take()
		good := strings.Trim(string(sid[2:]), "0123456789abcdefABCDEF") == ""
		switch {
		case !good && (err == nil || len(got) != 0):
			t.Fatalf("%q: error %v, and %q was sent", sid, err, got)
		case good:
			sent++
			want := "POST /2010-04-01/Accounts/" + accountSID + "/Calls/" + string(sid) + "/Payments.json HTTP/1.1\r\n"
			if err != nil || len(got) != 1 || !strings.HasPrefix(got[0], want) {
				t.Fatalf("%q: error %v, and %q was sent", sid, err, got)
			}
		}
	}
	if sent == 0 {
		t.Error("no changed SID was valid")
	}
}

// Whatever the fields hold, exactly one request is sent, with an exact path.
func TestHostileFieldsStayInTheBody(t *testing.T) {
	t.Parallel()
	s := newRawServer(t)
	client := newClient(t, s.url+"/proxy", payments.WithMaxRetries(0))
	const split = "x\r\nX-Injected: 1\r\n\r\nGET /evil HTTP/1.1\r\nHost: evil.example\r\n\r\n"
	_, err := client.Create(context.Background(), callSID, payments.CreateParams{
		StatusCallback: "https://pay.example.com/a?b=%0d%0aX-Injected:1", IdempotencyKey: split, Description: split, Currency: "USD",
		Input: split, PaymentConnector: split, Parameter: wire.NewParameters(map[string]string{split: split}),
	})
	got := s.take()
	if err != nil || len(got) != 1 {
		t.Fatalf("error %v, and %q was sent, want one", err, got)
	}
	head, body, _ := strings.Cut(got[0], "\r\n\r\n")
	if want := "POST /proxy/2010-04-01/Accounts/" + accountSID + "/Calls/" + callSID + "/Payments.json HTTP/1.1\r\n"; !strings.HasPrefix(head, want) {
		t.Errorf("the request starts with %q, want %q", head, want)
	}
	if strings.Contains(head, "Injected") || strings.ContainsAny(body, "\r\n ") {
		t.Errorf("a field changed the headers or the body's structure: %q", got[0])
	}
	if !strings.Contains(head, fmt.Sprintf("\r\nContent-Length: %d\r\n", len(body))) || !strings.HasPrefix(body, "Currency=") {
		t.Errorf("the body is incomplete, or Content-Length is wrong: %q", got[0])
	}
	for _, product := range []string{split, "a\nb", "a\x00b", "é"} {
		if _, err := payments.NewClient(payments.WithCredentials(accountSID, authToken), payments.WithUserAgent(product)); err == nil {
			t.Errorf("WithUserAgent(%q) was accepted", product)
		}
	}
}
