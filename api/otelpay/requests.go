package otelpay

import (
	"strings"
	"sync"

	"go.opentelemetry.io/otel/trace"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// maxRequests is how many requests are remembered for the callbacks they cause.
const maxRequests = 10_000

// requests remembers the spans of requests, to link them to the callbacks they
// cause. The key is the URL that Twilio posts to and the session, or the call while
// its session has no SID. Package flow gives every request its own URL; of two
// requests of a session with the same URL, the later one counts.
type requests struct {
	mu    sync.Mutex
	spans map[requestKey]trace.SpanContext
	order []requestKey // oldest first, a ring of maxRequests
	next  int
}

type requestKey struct{ subject, url string }

// put remembers a request that is about to be sent or has got its response.
func (r *requests) put(op payments.Operation, span trace.SpanContext) {
	key := requestKey{op.SID, posted(op.StatusCallback.Reveal())}
	if key.subject == "" {
		key.subject = op.CallSID
	}
	if !span.IsValid() || key.url == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.spans == nil {
		r.spans = make(map[requestKey]trace.SpanContext)
	}
	if _, known := r.spans[key]; !known {
		if len(r.order) < maxRequests {
			r.order = append(r.order, key)
		} else {
			delete(r.spans, r.order[r.next])
			r.order[r.next], r.next = key, (r.next+1)%maxRequests
		}
	}
	r.spans[key] = span
}

// of returns the span of the request that caused an event.
func (r *requests) of(e callback.Event) (trace.SpanContext, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	url := posted(e.SignedURL())
	for _, subject := range []string{e.SID, e.CallSID} {
		if span, ok := r.spans[requestKey{subject, url}]; ok {
			return span, true
		}
	}
	return trace.SpanContext{}, false
}

// posted returns a StatusCallback as Twilio posts to it, without its fragment.
func posted(statusCallback string) string {
	url, _, _ := strings.Cut(statusCallback, "#")
	return url
}
