package paymentstest

import (
	"fmt"
	"maps"
	"net"
	"net/http"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/pipenet"
)

// respondWith sends the response that a fault defines.
func (h *handler) respondWith(w http.ResponseWriter, rec *Request, f Fault) {
	header := http.Header{"Twilio-Request-Id": {h.requests.requestID(rec)}}
	maps.Copy(header, f.header)
	h.requests.responded(rec, sentResponse{response: response{status: f.status, body: []byte(f.body)}, header: header, injected: true})
	maps.Copy(w.Header(), header)
	w.WriteHeader(f.status)
	_, _ = w.Write([]byte(f.body))
	_ = http.NewResponseController(w).Flush()
}

// respondHalf sends the head of the response and half of its body, then closes.
func (h *handler) respondHalf(w http.ResponseWriter, rec *Request, a response) {
	conn, body := hijack(w), a.text()
	h.requests.responded(rec, sentResponse{response: a, half: true})
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nTwilio-Request-Id: %s\r\nContent-Length: %d\r\n\r\n%s",
		a.status, http.StatusText(a.status), h.requests.requestID(rec), len(body), body[:len(body)/2])
	_ = conn.Close()
}

// reset closes the connection so that the client sees a TCP reset.
func (h *handler) reset(w http.ResponseWriter, rec *Request) {
	h.requests.responded(rec, sentResponse{})
	conn := hijack(w)
	if c, ok := conn.(*pipenet.Conn); ok {
		c.Reset()
		return
	}
	if c, ok := conn.(*net.TCPConn); ok {
		_ = c.SetLinger(0)
	}
	_ = conn.Close()
}

// silence sends nothing until the client disconnects or the server closes.
func (h *handler) silence(r *http.Request) {
	h.work.done() // waiting for the client is not work
	defer h.work.add(1)
	select {
	case <-r.Context().Done():
	case <-h.work.ctx.Done():
	}
	panic(http.ErrAbortHandler)
}

// hijack takes over the connection. Without one, as with a recorder, it aborts the
// request, which is as close to a broken connection as possible.
func hijack(w http.ResponseWriter) net.Conn {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return conn
}
