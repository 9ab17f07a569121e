package paymentstest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// maxTopics is how many topics are told apart.
const maxTopics = 1000

// note tells the test and the journal something that is not wrong in itself, once
// for each topic.
func (s *Server) note(topic string, text func() string) {
	if s.ctx.Err() != nil {
		return
	}
	s.mu.Lock()
	told := s.told[topic] || len(s.told) >= maxTopics
	if !told {
		s.told[topic] = true
	}
	s.mu.Unlock()
	if told {
		return
	}
	said := text()
	s.noted("", said)
	if s.tb != nil {
		s.tb.Helper()
		s.tb.Logf("paymentstest: %s", said)
	}
}

// noteDelivery explains, once for each host, the two mistakes that otherwise
// make a test wait in silence.
func (s *Server) noteDelivery(o *outgoing, status int, err error) {
	notLocal := errors.Is(err, ErrNotLocal)
	if !notLocal && status != http.StatusForbidden {
		return
	}
	u, err := url.Parse(o.url)
	if err != nil {
		return
	}
	host := u.Scheme + "://" + u.Host
	if notLocal {
		s.note("handler "+host, func() string {
			return fmt.Sprintf("callback %d to %s is not delivered, for want of a handler: call srv.Handle(%q, handler)", o.number, withoutQuery(o.url), host+"/")
		})
		return
	}
	s.note("403 "+host, func() string {
		return fmt.Sprintf("callback %d to %s was refused with 403: was the handler given srv.AuthToken(), and the URL that this server posts to?", o.number, withoutQuery(o.url))
	})
}
