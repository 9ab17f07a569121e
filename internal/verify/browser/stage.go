package browser

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/console"
)

// Stage is a simulated Twilio with its console, mounted under a prefix. It
// keeps everything the console sends and can break its streams.
type Stage struct {
	Twilio  *paymentstest.Server
	Console *console.Console
	Web     *httptest.Server

	mu   sync.Mutex
	sent bytes.Buffer
	cut  chan struct{} // closed to end the streams that are open
	down bool          // streams are refused
}

const prefix = "/sandbox/console/"

// NewStage starts a server and its console.
func NewStage(options ...paymentstest.Option) (*Stage, error) {
	twilio, err := paymentstest.Start(options...)
	if err != nil {
		return nil, err
	}
	page, err := console.New(twilio)
	if err != nil {
		return nil, err
	}
	s := &Stage{Twilio: twilio, Console: page, cut: make(chan struct{})}
	mux := http.NewServeMux()
	mux.Handle(prefix, http.StripPrefix(strings.TrimSuffix(prefix, "/"), s.watch(page)))
	s.Web = httptest.NewServer(mux)
	return s, nil
}

// Close ends everything.
func (s *Stage) Close() {
	s.Cut(true)
	s.Console.Close()
	s.Web.CloseClientConnections()
	s.Web.Close()
	s.Twilio.Close()
}

// URL is the console's address with the token, as the program prints it.
func (s *Stage) URL() string { return s.Console.URL(s.Web.URL + strings.TrimSuffix(prefix, "/")) }

// Sent is everything that the console has sent so far.
func (s *Stage) Sent() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent.String()
}

// Cut breaks open streams, and refuses new ones while down.
func (s *Stage) Cut(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.cut)
	s.cut, s.down = make(chan struct{}), down
}

func (s *Stage) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		cut, down := s.cut, s.down
		s.mu.Unlock()
		if down {
			panic(http.ErrAbortHandler)
		}
		if strings.HasSuffix(r.URL.Path, "/stream") {
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			breakable := &recorder{ResponseWriter: w, stage: s}
			done := make(chan struct{})
			go func() {
				defer close(done)
				next.ServeHTTP(breakable, r.WithContext(ctx))
			}()
			select {
			case <-done:
				return
			case <-cut:
			}
			breakable.breakOff()
			cancel()
			<-done
			// The connection breaks in the middle of an event.
			_, _ = w.Write([]byte("event: entries\nid: half\ndata: [{\"number\":"))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(&recorder{ResponseWriter: w, stage: s}, r)
	})
}

// recorder keeps what is sent, and stops sending when the stream is broken.
type recorder struct {
	http.ResponseWriter
	stage  *Stage
	mu     sync.Mutex
	broken bool
}

func (r *recorder) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken {
		return 0, http.ErrAbortHandler
	}
	r.stage.mu.Lock()
	r.stage.sent.Write(b)
	r.stage.mu.Unlock()
	return r.ResponseWriter.Write(b)
}

// Flush is used by streams.
func (r *recorder) Flush() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f, ok := r.ResponseWriter.(http.Flusher); ok && !r.broken {
		f.Flush()
	}
}

// Unwrap is used by http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter {
	return r.ResponseWriter
}

func (r *recorder) breakOff() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.broken = true
}
