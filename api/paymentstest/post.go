package paymentstest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"
)

// post delivers a callback once, trying again as its URL says.
func (s *Server) post(l *letter) {
	u, o, err := readTarget(l.url, s.config.assume.IgnoreConnectionOverrides)
	if err != nil {
		s.attempted(l, 0, err)
		return
	}
	client, err := s.courier(u)
	if err != nil {
		s.attempted(l, 0, err)
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, o.total)
	defer cancel()
	for tries := 1; ; tries++ {
		status, class, err := try(ctx, client, u, l, o)
		s.attempted(l, status, err)
		if !o.retry(class, tries) || ctx.Err() != nil {
			return
		}
	}
}

// courier returns the client that reaches u.
func (s *Server) courier(u *url.URL) (*http.Client, error) {
	if m := s.mounted(u); m != nil {
		if u.Scheme == "https" {
			u.Scheme = "http" // there is nothing to encrypt within a process
		}
		return m.client, nil
	}
	if s.config.inMemory || !looksLocal(u.Hostname()) && !s.config.posts(u.Hostname()) {
		return nil, ErrNotLocal
	}
	return s.poster, nil
}

var (
	errConnectTimeout = errors.New("paymentstest: no connection within the connect timeout")
	errReadTimeout    = errors.New("paymentstest: no answer within the read timeout")
	errRedirected     = errors.New("paymentstest: redirected: Twilio would follow with a GET and lose the form")
)

// try posts once. The class is what a retry policy calls the failure: ct, rt,
// 4xx, 5xx, and empty for none that is ever tried again.
func try(ctx context.Context, client *http.Client, u *url.URL, l *letter, o overrides) (status int, class string, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	class = "ct"
	timer := time.AfterFunc(o.connect, func() { cancel(errConnectTimeout) })
	defer func() { timer.Stop() }()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		timer.Stop()
		class = "rt"
		timer = time.AfterFunc(o.read, func() { cancel(errReadTimeout) })
	}})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader(l.form.Encode()))
	if err != nil {
		return 0, "", errors.New("paymentstest: StatusCallback cannot be posted to")
	}
	l.dress(req)
	resp, err := client.Do(req)
	if errors.Is(err, ErrNotLocal) {
		return 0, "", ErrNotLocal // as it was refused before: never tried again
	}
	if err != nil {
		return 0, class, explain(ctx, err)
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	_ = resp.Body.Close()
	class, err = judgeAnswer(resp.StatusCode)
	return resp.StatusCode, class, err
}

func judgeAnswer(status int) (class string, err error) {
	switch {
	case status >= 500:
		return "5xx", nil
	case status >= 400:
		return "4xx", nil
	case status >= 300:
		return "", errRedirected
	}
	return "", nil
}

// dress sets the headers Twilio sends.
func (l *letter) dress(req *http.Request) {
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	req.Header.Set("User-Agent", "TwilioProxy/1.1")
	req.Header.Set("Accept", "*/*")
	req.Header.Set("I-Twilio-Idempotency-Token", l.token)
	req.Header.Set("X-Twilio-Signature", l.signature())
}

// explain returns why a post failed, without the URL that package http adds.
func explain(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.Canceled) {
		return cause
	}
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func (s *Server) attempted(l *letter, status int, err error) {
	s.noteDelivery(l, status, err)
	s.mu.Lock()
	defer s.mu.Unlock()
	a := DeliveryAttempt{Time: s.now(), Status: status, Err: err}
	l.attempts = append(l.attempts, a)
	s.logDelivery(l, a)
}
