package console_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/console"
)

// event is one server-sent event.
type event struct{ name, id, data string }

// viewer reads a stream.
type viewer struct {
	resp *http.Response
	scan *bufio.Scanner
	stop context.CancelFunc
}

func (d *desk) view(t testing.TB, position string) *viewer {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+"/console-api/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+d.page.Token())
	if position != "" {
		req.Header.Set("Last-Event-ID", position)
	}
	resp, err := d.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); _ = resp.Body.Close() })
	scan := bufio.NewScanner(resp.Body)
	scan.Buffer(nil, 16<<20)
	return &viewer{resp, scan, stop}
}

// next returns the next event, and false at the end of the stream.
func (v *viewer) next() (event, bool) {
	var e event
	for v.scan.Scan() {
		name, value, _ := strings.Cut(v.scan.Text(), ": ")
		switch name {
		case "event":
			e.name = value
		case "id":
			e.id = value
		case "data":
			e.data = value
		case "":
			if e.name != "" {
				return e, true
			}
		}
	}
	return event{}, false
}

// until returns the next event with a name, or fails.
func (v *viewer) until(t testing.TB, name string) event {
	t.Helper()
	for {
		e, ok := v.next()
		if !ok {
			t.Fatalf("the stream ended before %s", name)
		}
		if e.name == name {
			return e
		}
	}
}

// numbers reads entries until one has a number, and returns all of them.
func (v *viewer) numbers(t testing.TB, last int64) (numbers []int64, id string) {
	t.Helper()
	for {
		e := v.until(t, "entries")
		var batch []struct{ Number int64 }
		if err := json.Unmarshal([]byte(e.data), &batch); err != nil {
			t.Fatal(err)
		}
		for _, entry := range batch {
			numbers = append(numbers, entry.Number)
		}
		if id = e.id; numbers[len(numbers)-1] >= last {
			return numbers, id
		}
	}
}

func last(srv *paymentstest.Server) int64 {
	_, n := srv.EntryRange()
	return n
}

// TestStreamHasNoGap: a viewer that loses its connection repeatedly receives each
// entry once and in order.
func TestStreamHasNoGap(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v := d.view(t, "")
	first, ok := v.next()
	if !ok || first.name != "snapshot" || first.id == "" {
		t.Fatalf("the stream starts with %+v", first)
	}
	if kind := v.resp.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Errorf("Content-Type %q, want \"text/event-stream\"", kind)
	}
	var snapshot struct{ Journal struct{ Number int64 } }
	if err := json.Unmarshal([]byte(first.data), &snapshot); err != nil {
		t.Fatal(err)
	}
	seen := snapshot.Journal.Number
	for range 5 {
		s := d.sample(t)
		d.must(t, "calls/"+s.Call+"/entry", `{"card":"visa"}`)
		numbers, id := v.numbers(t, last(d.srv))
		for _, n := range numbers {
			if seen++; n != seen {
				t.Fatalf("entry %d (want %d) came after %d", n, seen, seen-1)
			}
		}
		v.stop()
		d.sample(t) // while disconnected
		v = d.view(t, id)
	}
	v.stop()
	query := d.view(t, "")
	query.stop()
	if a := d.get(t, "entries?after="+fmt.Sprint(seen)+"&limit=2000"); !strings.Contains(string(a.body), fmt.Sprintf(`"number":%d`, seen+1)) {
		t.Errorf("the list does not continue where the stream stopped: %.200s", a.body)
	}
}

// TestUnknownPositions: a viewer whose position is not in the history receives
// "missed" and then a snapshot.
func TestUnknownPositions(t *testing.T) {
	t.Parallel()
	srv := paymentstest.NewServer(t, paymentstest.WithHistory(2), paymentstest.AllowInvalidRequests())
	d := deskOf(t, srv)
	begin, _ := d.view(t, "").next()
	instance, _, _ := strings.Cut(begin.id, "-")
	for range 30 {
		d.srv.NewCall()
		d.must(t, "sessions", "{}")
	}
	for position, missed := range map[string]bool{
		instance + "-1": true, "0000-5": true, "nonsense": true, instance + "-999999": true, instance + "--1": true,
		fmt.Sprintf("%s-%d", instance, last(srv)): false,
	} {
		v := d.view(t, position)
		e, _ := v.next()
		if (e.name == "missed") != missed {
			t.Errorf("%s: %+v, want missed %v", position, e, missed)
		}
		if missed {
			if e.data == `{"missed":0}` && position == instance+"-1" {
				t.Errorf("%s: the number of missed entries is 0", position)
			}
			if e, _ := v.next(); e.name != "snapshot" {
				t.Errorf("%s: then %+v, want a snapshot", position, e)
			}
		}
		v.stop()
	}
}

// TestStreamShowsConsoleState: what one page arms, every page shows.
func TestStreamShowsConsoleState(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v := d.view(t, "")
	v.until(t, "console")
	d.must(t, "faults", `{"fault":"reset"}`)
	for e := v.until(t, "console"); !strings.Contains(e.data, `"fault":"reset"`); {
		e = v.until(t, "console")
	}
}

// TestViewersAreBounded: a viewer above the limit is refused until one leaves.
func TestViewersAreBounded(t *testing.T) {
	t.Parallel()
	d := newDesk(t, console.WithMaxViewers(2))
	first := d.view(t, "")
	d.view(t, "").until(t, "snapshot")
	first.until(t, "snapshot")
	a := d.get(t, "stream")
	if a.status != http.StatusServiceUnavailable || a.code() != "too-many-viewers" || a.header.Get("Retry-After") == "" {
		t.Errorf("a third viewer: status %d, want %d; %s", a.status, http.StatusServiceUnavailable, a.body)
	}
	first.stop()
	for { // the server notices
		v := d.view(t, "")
		if v.resp.StatusCode == http.StatusOK {
			break
		}
		v.stop()
	}
	d.page.Close()
	if _, more := d.view(t, "").next(); more {
		t.Error("a closed console sends events")
	}
}

// TestHeartbeats: an idle stream sends heartbeats, for longer than the server's
// timeouts for requests and responses.
func TestHeartbeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := paymentstest.NewServer(t, paymentstest.InMemory())
		page, err := console.New(srv)
		if err != nil {
			t.Fatal(err)
		}
		defer page.Close()
		srv.ServeOther(page)
		d := &desk{srv, page, srv.URL, srv.Client()}
		v, began := d.view(t, ""), time.Now()
		for i := range 20 {
			v.until(t, "heartbeat")
			if got, want := time.Since(began), time.Duration(i+1)*15*time.Second; got != want {
				t.Fatalf("heartbeat %d after %v, want %v", i+1, got, want)
			}
		}
		v.stop()
	})
}

// TestSlowViewersAreDropped: a viewer that does not read neither blocks the
// simulation nor keeps its place.
func TestSlowViewersAreDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := paymentstest.NewServer(t, paymentstest.InMemory())
		page, err := console.New(srv, console.WithMaxViewers(1))
		if err != nil {
			t.Fatal(err)
		}
		defer page.Close()
		slow := newSlowWriter(t)
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1/console-api/stream", nil)
		req.Header.Set("Authorization", "Bearer "+page.Token())
		began, ended := time.Now(), make(chan time.Time, 1)
		go func() { page.ServeHTTP(slow, req); ended <- time.Now() }()
		synctest.Wait()
		for range 100 {
			srv.NewCall()
		}
		if got := (<-ended).Sub(began); got != 10*time.Second {
			t.Errorf("dropped after %v", got)
		}
	})
}

// slowWriter is the connection of a viewer that stops reading after the snapshot.
type slowWriter struct {
	header   http.Header
	writes   int
	deadline time.Time
}

func newSlowWriter(testing.TB) *slowWriter { return &slowWriter{header: http.Header{}} }

func (s *slowWriter) Header() http.Header                 { return s.header }
func (s *slowWriter) WriteHeader(int)                     {}
func (s *slowWriter) FlushError() error                   { return nil }
func (s *slowWriter) SetWriteDeadline(at time.Time) error { s.deadline = at; return nil }

func (s *slowWriter) Write(b []byte) (int, error) {
	if s.writes++; s.writes < 4 {
		return len(b), nil
	}
	time.Sleep(time.Until(s.deadline))
	return 0, net.ErrClosed
}
