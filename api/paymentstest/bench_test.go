package paymentstest_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// BenchmarkCreate measures creates with full contract checks over one kept
// connection. The client only writes and reads bytes, so that most of the time is
// the server's. Run it with -cpu 1 for the figure of one core.
func BenchmarkCreate(b *testing.B) {
	srv := paymentstest.NewServer(b, paymentstest.WithHistory(1000))
	conn, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://"))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	r := bufio.NewReader(conn)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := io.WriteString(conn, createBytes(srv, i)); err != nil {
			b.Fatal(err)
		}
		if err := readCreated(r); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
}

// BenchmarkHandler measures the same without a network.
func BenchmarkHandler(b *testing.B) {
	srv := paymentstest.NewServer(b, paymentstest.WithHistory(1000), paymentstest.InMemory())
	for i := 0; b.Loop(); i++ {
		req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(createBytes(srv, i))))
		if err != nil {
			b.Fatal(err)
		}
		w := &discard{header: http.Header{}}
		srv.ServeHTTP(w, req)
		if w.status != http.StatusCreated {
			b.Fatalf("status %d, want %d", w.status, http.StatusCreated)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
}

// BenchmarkOpenSessions measures the memory of 50,000 open sessions with their
// requests and first callbacks.
func BenchmarkOpenSessions(b *testing.B) {
	const sessions = 50_000
	for b.Loop() {
		srv := paymentstest.NewServer(b, paymentstest.InMemory())
		before, _ := heap()
		for i := range sessions {
			req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(createBytes(srv, i))))
			if err != nil {
				b.Fatal(err)
			}
			srv.ServeHTTP(&discard{header: http.Header{}}, req)
		}
		if err := srv.Wait(b.Context()); err != nil {
			b.Fatal(err)
		}
		used, system := heap()
		b.ReportMetric(float64(used-before)/(1<<20), "MB-heap")
		b.ReportMetric(float64(used-before)/sessions, "B/session")
		b.ReportMetric(float64(system)/(1<<20), "MB-of-system")
		if n := len(srv.Requests()); n != sessions {
			b.Fatalf("%d requests, want %d", n, sessions)
		}
		srv.Close()
	}
}

// BenchmarkNewServer measures the start and end of a server. The first one, which
// also reads the contract, is reported as first-ms.
func BenchmarkNewServer(b *testing.B) {
	start := time.Now()
	paymentstest.NewServer(b).Close()
	first := time.Since(start)
	b.ResetTimer()
	for b.Loop() {
		srv, err := paymentstest.Start()
		if err != nil {
			b.Fatal(err)
		}
		srv.Close()
	}
	b.ReportMetric(float64(first.Microseconds())/1000, "first-ms")
}

// createBytes is a create on the i-th call, as sent.
func createBytes(srv *paymentstest.Server, i int) string {
	body := fmt.Sprintf("IdempotencyKey=key-%d&StatusCallback=https%%3A%%2F%%2Fpay.example.com%%2Fstatus&ChargeAmount=49.90&Currency=USD"+
		"&PaymentMethod=credit-card&PostalCode=false&Timeout=5&ValidCardTypes=visa+amex", i)
	auth := base64.StdEncoding.EncodeToString([]byte(srv.AccountSID() + ":" + srv.AuthToken()))
	return fmt.Sprintf("POST /2010-04-01/Accounts/%s/Calls/CA%032x/Payments.json HTTP/1.1\r\nHost: %s\r\nAuthorization: Basic %s\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nAccept: application/json\r\nContent-Length: %d\r\n\r\n%s",
		srv.AccountSID(), i, strings.TrimPrefix(srv.URL, "http://"), auth, len(body), body)
}

// readCreated reads one response from a kept connection.
func readCreated(r *bufio.Reader) error {
	length := -1
	for first := true; ; first = false {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		if first && !strings.HasPrefix(line, "HTTP/1.1 201 ") {
			return fmt.Errorf("response %q", line)
		}
		if _, err := fmt.Sscanf(line, "Content-Length: %d", &length); err == nil {
			continue
		}
		if line == "\r\n" {
			_, err := io.CopyN(io.Discard, r, int64(length))
			return err
		}
	}
}

// heap returns the memory in use, and all memory obtained from the system.
func heap() (used, system uint64) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc, m.Sys
}

type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }
