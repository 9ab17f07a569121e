package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// eventTime limits how long the browser may take to receive one event. The stream
// itself has no limit.
const eventTime = 30 * time.Second

// events streams the progress of a session as server-sent events. A browser that
// reconnects sends Last-Event-ID and misses nothing.
func (d *desk) events(w http.ResponseWriter, r *http.Request) {
	f, err := d.flow(r)
	if err != nil {
		refuse(w, err)
		return
	}
	seen, _ := strconv.Atoi(r.Header.Get("Last-Event-ID"))
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	stream := http.NewResponseController(w)
	_ = stream.SetWriteDeadline(time.Now().Add(eventTime)) // replaces the server's limit for the whole response
	w.WriteHeader(http.StatusOK)
	_ = stream.Flush()
	for p := range f.Events(r.Context()) {
		if p.Number <= seen {
			continue
		}
		data, err := json.Marshal(p)
		if err != nil {
			return
		}
		_ = stream.SetWriteDeadline(time.Now().Add(eventTime))
		if _, err := fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n\n", p.Number, p.Kind, data); err != nil {
			return
		}
		_ = stream.Flush()
	}
}
