package paymentstest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// maxTopics is how many topics are told apart.
const maxTopics = 1000

// note tells the test and the journal something that is not wrong in itself, once
// for each topic.
func (s *Server) note(topic, format string, args ...any) {
	if s.ctx.Err() != nil {
		return
	}
	s.mu.Lock()
	if s.told[topic] || len(s.told) >= maxTopics {
		s.mu.Unlock()
		return
	}
	s.told[topic] = true
	text := fmt.Sprintf(format, args...)
	s.noted("", strings.TrimPrefix(text, "paymentstest: "))
	s.mu.Unlock()
	if s.tb != nil {
		s.tb.Helper()
		s.tb.Logf("%s", text)
	}
}

// noteDelivery explains, once for each host, the two mistakes that otherwise
// make a test wait in silence.
func (s *Server) noteDelivery(o *outgoing, status int, err error) {
	u, parseErr := url.Parse(o.url)
	if parseErr != nil {
		return
	}
	host := u.Scheme + "://" + u.Host
	switch {
	case errors.Is(err, ErrNotLocal):
		s.note("handler "+host, "paymentstest: callback %d to %s is not delivered, for want of a handler: call srv.Handle(%q, handler)",
			o.number, withoutQuery(o.url), host+"/")
	case status == http.StatusForbidden:
		s.note("403 "+host, "paymentstest: callback %d to %s was refused with 403: was the handler given srv.AuthToken(), and the URL that this server posts to?",
			o.number, withoutQuery(o.url))
	}
}
