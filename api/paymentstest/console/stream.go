package console

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// The pace of a stream.
const (
	heartbeat    = 15 * time.Second
	retryAfter   = 2 * time.Second
	writeTimeout = 10 * time.Second // then a viewer that does not read is dropped
	batchSize    = 200
)

// viewer is an open event stream.
type viewer struct {
	c       *Console
	w       http.ResponseWriter
	control *http.ResponseController
	shown   []byte // the console's state as last sent
}

// stream sends the journal as server-sent events: from the position that the
// viewer gives, or else a snapshot and the entries after it.
// See https://html.spec.whatwg.org/multipage/server-sent-events.html
func (c *Console) stream(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	if c.ctx.Err() != nil {
		return fail(http.StatusServiceUnavailable, "closed", "this console is closed")
	}
	if !c.enter() {
		f := fail(http.StatusServiceUnavailable, "too-many-viewers", "%d pages already show this console, which is the maximum: close one", c.config.viewers)
		f.retry = 10
		return f
	}
	defer c.leave()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	stop := context.AfterFunc(c.ctx, cancel)
	defer stop()
	v := &viewer{c: c, w: w, control: http.NewResponseController(w)}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // keeps nginx from buffering the stream
	w.WriteHeader(http.StatusOK)
	if v.write("retry: %d\n\n", retryAfter.Milliseconds()) != nil {
		return nil
	}
	position := r.Header.Get("Last-Event-ID")
	if position == "" {
		position = r.URL.Query().Get("after")
	}
	after, missed, err := v.begin(position)
	for err == nil && ctx.Err() == nil {
		if missed {
			after, err = v.snapshot()
		}
		if err == nil {
			missed, err = v.follow(ctx, after)
		}
	}
	return nil // the viewer has left or does not read
}

func (c *Console) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.viewers >= c.config.viewers {
		return false
	}
	c.viewers++
	c.change()
	return true
}

func (c *Console) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.viewers--
	c.change()
}

// begin resolves a position. Without one, or if the history has dropped it, the
// stream starts with a snapshot.
func (v *viewer) begin(position string) (after int64, missed bool, err error) {
	if position == "" {
		return 0, true, nil
	}
	first, last := v.c.bounds()
	instance, text, _ := strings.Cut(position, "-")
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil && instance == v.c.instance && n >= first-1 && n <= last {
		return n, false, nil
	}
	lost := int64(0)
	if err == nil && instance == v.c.instance && n < first {
		lost = first - 1 - n
	}
	return 0, true, v.missed(lost)
}

func (v *viewer) missed(n int64) error {
	return v.send("missed", 0, map[string]int64{"missed": n})
}

func (v *viewer) snapshot() (after int64, err error) {
	s := v.c.whole()
	return s.Journal.Number, v.send("snapshot", s.Journal.Number, s)
}

// follow sends entries until the viewer leaves or has missed entries, which the
// history dropped before they could be sent.
func (v *viewer) follow(ctx context.Context, after int64) (missed bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	entries := make(chan paymentstest.Entry, batchSize)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(entries)
		for e := range v.c.srv.Watch(ctx, after) {
			if e.Kind == paymentstest.KindSessionEnded {
				v.c.unhold(e.Session)
			}
			select {
			case entries <- withoutDigits(e):
			case <-ctx.Done():
				return
			}
		}
	}()
	defer func() { cancel(); <-done }()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		state, changed := v.c.state()
		if err := v.console(state); err != nil {
			return false, err
		}
		select {
		case e, more := <-entries:
			if !more {
				return false, errClosed
			}
			if missed, err := v.entries(e, entries); missed || err != nil {
				return missed, err
			}
		case <-beat.C:
			if err := v.send("heartbeat", 0, map[string]time.Time{"time": time.Now().UTC()}); err != nil {
				return false, err
			}
		case <-changed:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// entries sends an entry together with those that are already queued behind it.
func (v *viewer) entries(e paymentstest.Entry, more <-chan paymentstest.Entry) (missed bool, err error) {
	var batch []paymentstest.Entry
	for ok := true; ok; {
		if e.Kind == paymentstest.KindMissed {
			missed = true
			break
		}
		batch = append(batch, e)
		if len(batch) >= batchSize {
			break
		}
		select {
		case e, ok = <-more:
		default:
			ok = false
		}
	}
	if len(batch) > 0 {
		err = v.send("entries", batch[len(batch)-1].Number, batch)
	}
	if missed && err == nil {
		err = v.missed(e.Missed)
	}
	return missed, err
}

// console sends the console's own state if it has changed.
func (v *viewer) console(s state) error {
	shown, err := json.Marshal(s)
	if err != nil || bytes.Equal(shown, v.shown) {
		return err
	}
	v.shown = shown
	return v.send("console", 0, json.RawMessage(shown))
}

// send writes an event. Its data is one line, since JSON has no line breaks.
func (v *viewer) send(event string, number int64, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	id := ""
	if number > 0 || event == "snapshot" {
		id = fmt.Sprintf("id: %s-%d\n", v.c.instance, number)
	}
	return v.write("event: %s\n%sdata: %s\n\n", event, id, data)
}

// write writes to the viewer, with a deadline.
func (v *viewer) write(format string, args ...any) error {
	_ = v.control.SetWriteDeadline(time.Now().Add(writeTimeout))
	if _, err := fmt.Fprintf(v.w, format, args...); err != nil {
		return err
	}
	return v.control.Flush()
}
