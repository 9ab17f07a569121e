package paymentstest_test

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// BenchmarkWatched measures creates with ten subscribers that read every entry of
// the journal, and without any, in turns of 5000. A turn ends when the subscribers
// have caught up; turns are long, so that this wait matters little. It reports
// creates/s of both, and as ratio the first divided by the second, which should be
// 0.8 or more.
func BenchmarkWatched(b *testing.B) {
	const turn = 5000
	watched, unwatched := newLoad(b, 10), newLoad(b, 0)
	for b.Loop() {
		unwatched.play(b, turn)
		watched.play(b, turn)
	}
	b.ReportMetric(watched.rate(), "watched-creates/s")
	b.ReportMetric(unwatched.rate(), "unwatched-creates/s")
	b.ReportMetric(watched.rate()/unwatched.rate(), "ratio")
}

// load is a server that gets creates over one connection.
type load struct {
	srv   *paymentstest.Server
	conn  net.Conn
	reply *bufio.Reader
	seen  []atomic.Int64 // the last number that a subscriber has read
	made  int
	took  time.Duration
}

func newLoad(b *testing.B, subscribers int) *load {
	b.Helper()
	l := &load{srv: paymentstest.NewServer(b, paymentstest.WithHistory(1000)), seen: make([]atomic.Int64, subscribers)}
	var err error
	if l.conn, err = net.Dial("tcp", strings.TrimPrefix(l.srv.URL, "http://")); err != nil {
		b.Fatal(err)
	}
	l.reply = bufio.NewReader(l.conn)
	var readers sync.WaitGroup
	for i := range subscribers {
		readers.Go(func() {
			for e := range l.srv.Watch(b.Context(), 0) {
				if e.Kind == paymentstest.KindMissed {
					b.Errorf("subscriber %d missed %d entries", i, e.Missed)
				}
				l.seen[i].Store(e.Number)
			}
		})
	}
	b.Cleanup(func() {
		_ = l.conn.Close()
		l.srv.Close()
		readers.Wait()
	})
	return l
}

func (l *load) play(b *testing.B, creates int) {
	b.Helper()
	start := time.Now()
	for range creates {
		if _, err := io.WriteString(l.conn, createBytes(l.srv, l.made)); err != nil {
			b.Fatal(err)
		}
		if err := readCreated(l.reply); err != nil {
			b.Fatal(err)
		}
		l.made++
	}
	if err := l.srv.Wait(b.Context()); err != nil {
		b.Fatal(err)
	}
	_, last := l.srv.EntryRange()
	for i := range l.seen {
		for l.seen[i].Load() < last {
			time.Sleep(time.Millisecond)
		}
	}
	l.took += time.Since(start)
}

func (l *load) rate() float64 { return float64(l.made) / l.took.Seconds() }
