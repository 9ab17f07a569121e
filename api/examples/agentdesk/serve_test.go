package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"testing"
	"time"
)

// TestServeDrains: a stopping process finishes the callback that it is storing.
func TestServeDrains(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}), make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		select {
		case <-release:
			w.WriteHeader(http.StatusNoContent)
		case <-r.Context().Done():
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	served := make(chan error, 1)
	go func() { served <- serve(ctx, in, h, drain) }()
	lines := bufio.NewScanner(out)
	lines.Scan()
	status := make(chan int, 1)
	go func() {
		resp, err := http.Post(lines.Text(), "", nil) // #nosec G107 -- the test's own server
		if err != nil {
			status <- 0
			return
		}
		_ = resp.Body.Close()
		status <- resp.StatusCode
	}()
	<-entered
	stop()
	select {
	case err := <-served:
		t.Fatalf("serve returned during a request: %v", err)
	case <-time.After(100 * time.Millisecond): // long enough for a server that does not drain to cut the connection
	}
	close(release)
	if got := <-status; got != http.StatusNoContent {
		t.Errorf("status %d, want 204", got)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}
