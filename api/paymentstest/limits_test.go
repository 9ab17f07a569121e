package paymentstest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// TestNoClientHoldsAConnection has clients that trickle, do not read, or fall silent,
// and checks when the server closes their connections.
func TestNoClientHoldsAConnection(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		send func(whole string) string
		skip bool // do not read the response
		left time.Duration
	}{
		{name: "says nothing", send: func(string) string { return "" }, left: 2 * time.Minute},
		{name: "header breaks off", send: func(w string) string { return w[:40] }, left: 2 * time.Minute},
		{name: "body breaks off", send: func(w string) string { return w[:len(w)-5] }, left: 20 * time.Second},
		{name: "stays after the response", send: func(w string) string { return w }, left: 2 * time.Minute},
		{name: "does not read", send: func(w string) string { return w }, skip: true, left: 30 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := paymentstest.NewServer(t, paymentstest.InMemory())
				conn := dial(t, srv)
				if _, err := io.WriteString(conn, tt.send(createBytes(srv, 1))); err != nil {
					t.Fatal(err)
				}
				if tt.skip {
					time.Sleep(tt.left - time.Millisecond)
					synctest.Wait()
					if len(srv.Requests()) != 1 {
						t.Fatal("the request was not handled")
					}
					time.Sleep(2 * time.Millisecond)
					if rest, _ := io.ReadAll(conn); len(rest) > 0 {
						t.Errorf("the response can still be read: %q", rest)
					}
					return
				}
				start := time.Now()
				_, _ = io.Copy(io.Discard, conn)
				// net/http may wait up to half a second before it closes, so that
				// the response is not lost: Go 1.27 does after a broken body.
				if took := time.Since(start); took < tt.left || took > tt.left+500*time.Millisecond {
					t.Errorf("left after %v, want %v", took, tt.left)
				}
			})
		})
	}
}

// TestAConnectionOpenedAhead: a client may use a connection that it opened a while
// before, as net/http's does. It has the whole time for the body then.
func TestAConnectionOpenedAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := paymentstest.NewServer(t, paymentstest.InMemory())
		conn := dial(t, srv)
		request := createBytes(srv, 1)
		for _, part := range []struct {
			after time.Duration
			text  string
		}{{90 * time.Second, request[:len(request)-5]}, {19 * time.Second, request[len(request)-5:]}} {
			time.Sleep(part.after)
			if _, err := io.WriteString(conn, part.text); err != nil {
				t.Fatalf("the connection was closed: %v", err)
			}
		}
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || response.StatusCode != http.StatusCreated {
			t.Errorf("response %v, %v, want status 201", response, err)
		}
	})
}

// dial opens a connection to a server in memory.
func dial(t *testing.T, srv *paymentstest.Server) net.Conn {
	t.Helper()
	transport, ok := srv.Client().Transport.(*http.Transport)
	if !ok {
		t.Fatal("the client has another transport")
	}
	conn, err := transport.DialContext(t.Context(), "tcp", "server")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// TestFaultsOutlastTheTimeouts expects injected delays not to be cut short.
func TestFaultsOutlastTheTimeouts(t *testing.T) {
	t.Parallel()
	for _, fault := range []paymentstest.Fault{
		paymentstest.NeverAnswer(), paymentstest.Delay(time.Hour), paymentstest.Delay(time.Hour).AfterCommit(),
	} {
		t.Run(fault.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := paymentstest.NewServer(t, paymentstest.InMemory(), paymentstest.WithFaults(paymentstest.On(paymentstest.Create, 1, fault)))
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
				defer cancel()
				client := newClient(t, srv)
				start := time.Now()
				_, err := client.Create(ctx, callSID, payments.CreateParams{StatusCallback: statusURL}, payments.WithAttemptTimeout(3*time.Hour))
				want := time.Hour
				if strings.HasPrefix(fault.String(), "never") {
					want = 2 * time.Hour
				}
				if took := time.Since(start); took != want || (err != nil) != (want > time.Hour) {
					t.Errorf("%v after %v, want %v", err, took, want)
				}
			})
		})
	}
}

func TestRefusedRequestsAreNotKept(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*raw){
		"against the contract": func(r *raw) { r.body += "&Undeclared=marked" },
		"unknown account":      func(r *raw) { r.password = "wrong" },
	} {
		srv := paymentstest.NewServer(t, paymentstest.AllowInvalidRequests())
		r := createOn(srv, callSID)
		r.body += "&Description=marked"
		spoil(&r)
		resp, _, err := r.send(t, srv)
		if err != nil || resp.StatusCode < 400 {
			t.Fatalf("%s: %v, %v, want a refusal", name, resp, err)
		}
		got := srv.Requests()[0]
		if got.Status != resp.StatusCode || got.CallSID != callSID {
			t.Errorf("%s: recorded %v", name, got)
		}
		if got.Body != "" || got.Form != nil || got.Header != nil || got.IdempotencyKey != "" {
			t.Errorf("%s: kept %q %v %v %q", name, got.Body, got.Form, got.Header, got.IdempotencyKey)
		}
	}
}

// TestMemoryIsBounded sends many large requests and measures the heap. It does not
// run in parallel with other tests.
func TestMemoryIsBounded(t *testing.T) {
	const large, mib = 200 << 10, 1 << 20
	for _, tt := range []struct {
		name string
		opts []paymentstest.Option
		make func(srv *paymentstest.Server, i int) raw
	}{
		{"history", []paymentstest.Option{paymentstest.WithHistoryBytes(8 * mib), paymentstest.WithMaxSessions(10)}, func(srv *paymentstest.Server, i int) raw {
			r := createOn(srv, fmt.Sprintf("CA%032x", i))
			r.body = url.Values{"IdempotencyKey": {fmt.Sprint(i)}, "StatusCallback": {statusURL}, "Description": {strings.Repeat("d", large)}}.Encode()
			return r
		}},
		{"refused bodies", nil, func(srv *paymentstest.Server, i int) raw {
			r := createOn(srv, callSID)
			r.body, r.password = "IdempotencyKey="+strings.Repeat("k", large)+"&StatusCallback=x", "wrong"
			return r
		}},
		{"long keys", []paymentstest.Option{paymentstest.WithHistoryBytes(mib)}, func(srv *paymentstest.Server, i int) raw {
			r := createOn(srv, fmt.Sprintf("CA%032x", i))
			r.body = "IdempotencyKey=" + strings.Repeat("k", large) + fmt.Sprint(i) + "&StatusCallback=x"
			return r
		}},
	} {
		srv := paymentstest.NewServer(t, append(tt.opts, paymentstest.AllowInvalidRequests())...)
		before, _ := heap()
		const requests = 200 // 40 MiB in total
		for i := range requests {
			r := tt.make(srv, i)
			resp, _, err := r.send(t, srv)
			if err != nil || resp.StatusCode != 201 && resp.StatusCode != 401 && resp.StatusCode != 503 {
				t.Fatalf("%s: %v, %v, want status 201, 401 or 503", tt.name, resp, err)
			}
			if resp.StatusCode == 201 && tt.name == "history" {
				srv.Call(fmt.Sprintf("CA%032x", i)).HangUp()
			}
		}
		after, _ := heap()
		if grown := (int64(after) - int64(before)) / mib; grown > 6 {
			t.Errorf("%s: %d MiB more in use", tt.name, grown)
		}
		r := srv.Requests()
		if len(r) == 0 || r[len(r)-1].Number != requests {
			t.Errorf("%s: the newest request is not kept", tt.name)
		}
		srv.Close()
		runtime.KeepAlive(srv)
	}
}

// TestLongKeysStayApart uses the digest of a long key as another key.
func TestLongKeysStayApart(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t)
	long := strings.Repeat("k", 1000)
	for i, tt := range []struct {
		call, key string
		status    int
		replayed  bool
	}{
		{callSID, long, 201, false}, {callSID, long, 201, true}, {otherSID, long, 409, false}, {otherSID, long + "x", 201, false},
	} {
		r := createOn(srv, tt.call)
		r.body = url.Values{"IdempotencyKey": {tt.key}, "StatusCallback": {statusURL}}.Encode()
		resp, _, err := r.send(t, srv)
		if err != nil {
			t.Fatal(err)
		}
		if got := srv.Requests()[i]; resp.StatusCode != tt.status || got.Replayed != tt.replayed || got.IdempotencyKey != tt.key {
			t.Errorf("request %d: status %d, replayed %t, want %d, %t", i, resp.StatusCode, got.Replayed, tt.status, tt.replayed)
		}
	}
}

func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t, paymentstest.WithMaxSessions(3), paymentstest.InMemory())
	client := newClient(t, srv)
	call := func(i int) string { return fmt.Sprintf("CA%032x", i) }
	create := func(i int) (*payments.Session, error) {
		return client.Create(t.Context(), call(i), payments.CreateParams{StatusCallback: statusURL, IdempotencyKey: fmt.Sprint("key", i)})
	}
	update := func(i int, sid string, p payments.UpdateParams) error {
		p.StatusCallback = statusURL
		_, err := client.Update(t.Context(), call(i), sid, p)
		return err
	}
	var sids []string
	for i := range 3 {
		s, err := create(i)
		if err != nil {
			t.Fatal(err)
		}
		sids = append(sids, s.SID)
	}
	_, err := create(3)
	wantError(t, err, 503, 20503)
	if !strings.Contains(err.Error(), "3 payment sessions are open") {
		t.Errorf("error %v", err)
	}
	for _, i := range []int{1, 0} { // 1 ends first
		if err := update(i, sids[i], payments.UpdateParams{Status: payments.StatusCancel}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := create(3); err != nil {
		t.Fatal(err)
	}
	// Session 1 is forgotten, and so are its key and its call; the others are not.
	if err := update(2, sids[2], payments.UpdateParams{Capture: payments.CaptureExpirationDate}); err != nil {
		t.Errorf("an open session was forgotten: %v", err)
	}
	if s, err := create(0); err != nil || s.SID != sids[0] {
		t.Errorf("the key of a session that is kept: %v, %v", s, err)
	}
	if s, err := create(1); err != nil || s.SID == sids[1] {
		t.Errorf("a forgotten call gets session %v, %v", s, err)
	}
	wantError(t, update(1, sids[1], payments.UpdateParams{Capture: payments.CaptureExpirationDate}), 404, 20404)
}

// TestKeysAreBounded tests the limit of all sessions together while none can be
// forgotten.
func TestKeysAreBounded(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t, paymentstest.WithMaxSessions(2), paymentstest.InMemory())
	client := newClient(t, srv)
	ended, err := client.Create(t.Context(), otherSID, payments.CreateParams{StatusCallback: statusURL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Update(t.Context(), otherSID, ended.SID, payments.UpdateParams{StatusCallback: statusURL, Status: payments.StatusCancel}); err != nil {
		t.Fatal(err)
	}
	s, err := client.Create(t.Context(), callSID, payments.CreateParams{StatusCallback: statusURL})
	if err != nil {
		t.Fatal(err)
	}
	taken := 1
	for err == nil && taken < 100 {
		if _, err = client.Update(t.Context(), callSID, s.SID, payments.UpdateParams{StatusCallback: statusURL, Capture: payments.CaptureExpirationDate}); err == nil {
			taken++
		}
	}
	wantError(t, err, 503, 20503)
	if taken != 40 { // 20 for each of two; the keys of the ended session were forgotten
		t.Errorf("%d requests of the open session were accepted, want 40", taken)
	}
	if _, err := client.Update(t.Context(), callSID, s.SID, payments.UpdateParams{StatusCallback: statusURL, Status: payments.StatusCancel}); err != nil {
		t.Errorf("a cancel, which makes room, is refused: %v", err)
	}
	if _, err := client.Create(t.Context(), otherSID, payments.CreateParams{StatusCallback: statusURL}); err != nil {
		t.Errorf("after a cancel: %v", err)
	}
}

func TestRequestsOfASessionAreBounded(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t, paymentstest.WithMaxSessions(100), paymentstest.WithHistory(10), paymentstest.InMemory())
	client := newClient(t, srv)
	s, err := client.Create(t.Context(), callSID, payments.CreateParams{StatusCallback: statusURL})
	for i := 1; err == nil; i++ {
		if _, err = client.Update(t.Context(), callSID, s.SID, payments.UpdateParams{StatusCallback: statusURL, Capture: payments.CaptureExpirationDate}); i > 1000 {
			break
		}
	}
	wantError(t, err, 429, 20429)
	var e *payments.Error
	if !errors.As(err, &e) || !strings.Contains(e.Error(), "1000 requests for one payment session") {
		t.Errorf("error %v", err)
	}
}
