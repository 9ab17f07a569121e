package callback_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/callback"
)

// TestSlowBody uses HTTP over an in-memory connection, where time is exact.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	body := session().Encode()
	head := fmt.Sprintf("POST /status HTTP/1.1\r\nHost: pay.example.com\r\nContent-Type: %s\r\nX-Twilio-Signature: %s\r\nContent-Length: %d\r\n\r\n",
		formType, callback.Sign(token, "http://pay.example.com/status", session()), len(body))
	tests := map[string]struct {
		readTimeout time.Duration // of the server
		pause       time.Duration // in the middle of the body
		wrap        bool          // by other middleware
		status      string
		after       time.Duration
	}{
		"never comes":             {0, time.Hour, false, "408", 2 * time.Second},
		"comes in time":           {0, 2*time.Second - 1, false, "204", 2*time.Second - 1},
		"comes too late":          {0, 2*time.Second + 1, false, "408", 2 * time.Second},
		"server is stricter":      {time.Second, time.Hour, false, "408", time.Second},
		"server is less strict":   {time.Minute, time.Hour, false, "408", 2 * time.Second},
		"less strict, comes soon": {time.Minute, time.Second, false, "204", time.Second},
		"behind other middleware": {0, time.Hour, true, "408", 2 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var h http.Handler = newHandler(t, ignore, callback.WithHandlingTimeout(2*time.Second))
				if test.wrap {
					h = wrapping{h}
				}
				conn := serveOneConn(t, &http.Server{Handler: h, ReadTimeout: test.readTimeout})
				start := time.Now()
				go func() {
					_, _ = io.WriteString(conn, head+body[:20])
					time.Sleep(test.pause)
					_, _ = io.WriteString(conn, body[20:])
				}()
				status, err := bufio.NewReader(conn).ReadString('\n')
				if err != nil || !strings.Contains(status, " "+test.status+" ") || time.Since(start) != test.after {
					t.Errorf("response %q, error %v after %s, want %s after %s", status, err, time.Since(start), test.status, test.after)
				}
				time.Sleep(test.pause) // let the sender end
			})
		})
	}
}

// TestConnectionIsKeptOpen: the deadline of one request does not apply to the next.
func TestConnectionIsKeptOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHandler(t, ignore, callback.WithHandlingTimeout(2*time.Second))
		conn := serveOneConn(t, &http.Server{Handler: h})
		responses := bufio.NewReader(conn)
		for i := range 3 {
			f := session("Extra", fmt.Sprint(i))
			_, _ = fmt.Fprintf(conn, "POST /status HTTP/1.1\r\nHost: pay.example.com\r\nContent-Type: %s\r\nX-Twilio-Signature: %s\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n",
				formType, callback.Sign(token, "http://pay.example.com/status", f), len(f.Encode()), f.Encode())
			resp, err := http.ReadResponse(responses, nil)
			if err != nil || resp.StatusCode != 204 || resp.Close {
				t.Fatalf("request %d: %v, error %v, want status 204 and the connection kept", i, resp, err)
			}
			time.Sleep(time.Minute)
		}
	})
}

// TestVerifiedRequestHasItsOwnTime: the limit on reading does not apply to the next
// handler. When other middleware has read the body, net/http already watches the
// connection, and a deadline left on it would end the context.
func TestVerifiedRequestHasItsOwnTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
				t.Errorf("the context ended: %v", context.Cause(r.Context()))
			case <-time.After(time.Minute):
			}
		})
		verified := newVerify(t)(next)
		conn := serveOneConn(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			verified.ServeHTTP(w, r)
		})})
		_, _ = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: pay.example.com\r\nContent-Type: %s\r\nX-Twilio-Signature: %s\r\nContent-Length: 3\r\n\r\na=b",
			formType, callback.Sign(token, "http://pay.example.com/", form("a", "b")))
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || resp.StatusCode != 200 {
			t.Errorf("response %v, error %v, want StatusCode 200", resp, err)
		}
	})
}

// TestOversizeClosesTheConnection: the rest of an oversize body is not read.
func TestOversizeClosesTheConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		conn := serveOneConn(t, &http.Server{Handler: newHandler(t, ignore)})
		_, _ = fmt.Fprintf(conn, "POST /status HTTP/1.1\r\nHost: pay.example.com\r\nContent-Type: %s\r\nX-Twilio-Signature: %s\r\nContent-Length: %d\r\n\r\n",
			formType, callback.Sign(token, "http://pay.example.com/status", nil), 1<<40)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || resp.StatusCode != 413 || !resp.Close {
			t.Errorf("response %v, error %v, want 413 and the connection closed", resp, err)
		}
	})
}

// TestOversizeIsRefusedAtOnce: the response does not wait for the rest of the body.
func TestOversizeIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		conn := serveOneConn(t, &http.Server{Handler: newHandler(t, ignore, callback.WithBodyLimit(1000))})
		start := time.Now()
		go func() {
			_, _ = fmt.Fprintf(conn, "POST /status HTTP/1.1\r\nHost: pay.example.com\r\nContent-Type: %s\r\nX-Twilio-Signature: %s\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n%s\r\n",
				formType, callback.Sign(token, "http://pay.example.com/status", nil), strings.Repeat("a", 2000))
		}()
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || resp.StatusCode != 413 || !resp.Close || time.Since(start) != 0 {
			t.Errorf("response %v, error %v after %s, want 413 at once", resp, err, time.Since(start))
		}
	})
}

// serveOneConn serves one in-memory connection until the test ends and returns
// its client side.
func serveOneConn(t *testing.T, s *http.Server) net.Conn {
	client, server := net.Pipe()
	l := &oneConn{conn: make(chan net.Conn, 1), closed: make(chan struct{})}
	l.conn <- server
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l)
	}()
	t.Cleanup(func() {
		_ = client.Close()
		_ = s.Close()
		<-done
		time.Sleep(time.Minute) // net/http lingers on a connection it closes
	})
	return client
}

// oneConn is a listener that accepts one connection.
type oneConn struct {
	conn   chan net.Conn
	closed chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	select {
	case c := <-l.conn:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *oneConn) Close() error {
	select {
	case <-l.closed:
	default:
		close(l.closed)
	}
	return nil
}

func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// wrapping passes on its own ResponseWriter, as middleware that counts bytes does.
type wrapping struct{ next http.Handler }

func (h wrapping) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.next.ServeHTTP(wrappedWriter{w}, r)
}

type wrappedWriter struct{ w http.ResponseWriter }

func (w wrappedWriter) Header() http.Header         { return w.w.Header() }
func (w wrappedWriter) Write(p []byte) (int, error) { return w.w.Write(p) }
func (w wrappedWriter) WriteHeader(status int)      { w.w.WriteHeader(status) }
func (w wrappedWriter) Unwrap() http.ResponseWriter { return w.w }
