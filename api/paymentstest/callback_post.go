package paymentstest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// post delivers a callback once, with the retries that its URL asks for, until ctx
// is done. It returns the last attempt; the error is why nothing was posted.
func (d *delivery) post(ctx context.Context, o *outgoing) (AttemptEntry, error) {
	u, over, err := readTarget(o.url, d.ignoreOverrides.Load())
	if err != nil {
		return d.posted(o, o.entry, posted{err: err}, true), err
	}
	client, done, err := d.clientFor(u)
	if err != nil {
		return d.posted(o, o.entry, posted{err: err}, true), err
	}
	defer done()
	ctx, cancel := context.WithTimeout(ctx, over.total)
	defer cancel()
	for tries := 1; ; tries++ {
		begun := d.posting(o)
		start := time.Now()
		p := try(ctx, client, u, o, over)
		p.duration = time.Since(start)
		again := over.retry(p.class, tries) && ctx.Err() == nil
		a := d.posted(o, begun, p, !again)
		if !again {
			return a, nil
		}
	}
}

// posted is the result of one post. The class is what a retry policy calls the
// failure: ct, rt, 4xx, 5xx, and empty for one that is never retried.
type posted struct {
	status    int
	class     string
	err       error
	header    http.Header
	body      string
	truncated bool
	duration  time.Duration
}

// clientFor returns the client that reaches u, and what to call when its posts are
// done.
func (d *delivery) clientFor(u *url.URL) (client *http.Client, done func(), err error) {
	if m := d.mounted(u); m != nil {
		if u.Scheme == "https" {
			u.Scheme = "http" // nothing needs encryption within a process
		}
		return m.client, m.posts.Done, nil
	}
	if d.config.inMemory || !looksLocal(u.Hostname()) && !d.config.posts(u.Hostname()) {
		return nil, nil, ErrNotLocal
	}
	return d.sender, func() {}, nil
}

var (
	errConnectTimeout = errors.New("paymentstest: no connection within the connect timeout")
	errReadTimeout    = errors.New("paymentstest: no response within the read timeout")
	errRedirected     = errors.New("paymentstest: redirected: Twilio would follow with a GET and lose the form")
)

// try posts once.
func try(ctx context.Context, client *http.Client, u *url.URL, o *outgoing, over overrides) posted {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	class := "ct"
	timer := time.AfterFunc(over.connect, func() { cancel(errConnectTimeout) })
	defer func() { timer.Stop() }()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		timer.Stop()
		class = "rt"
		timer = time.AfterFunc(over.read, func() { cancel(errReadTimeout) })
	}})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader(o.form.Encode())) // #nosec G704 -- the client dials what callback targets may be, and nothing else
	if err != nil {
		return posted{err: errors.New("paymentstest: StatusCallback cannot be posted to")}
	}
	o.setHeaders(req)
	resp, err := client.Do(req) // #nosec G704 -- see above
	if errors.Is(err, ErrNotLocal) {
		return posted{err: ErrNotLocal} // a retry would be refused, too
	}
	if err != nil {
		return posted{class: class, err: explain(ctx, err)}
	}
	p := posted{status: resp.StatusCode, header: o.scrubHeader(shownHeader(resp.Header))}
	p.body, p.truncated = o.readShown(resp.Body)
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	_ = resp.Body.Close()
	p.class, p.err = classify(resp.StatusCode)
	return p
}

func classify(status int) (class string, err error) {
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

// setHeaders sets the headers Twilio sends.
func (o *outgoing) setHeaders(req *http.Request) {
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	req.Header.Set("User-Agent", "TwilioProxy/1.1")
	req.Header.Set("Accept", "*/*")
	req.Header.Set("I-Twilio-Idempotency-Token", o.token)
	if signature := o.signature(); signature != "" {
		req.Header.Set("X-Twilio-Signature", signature)
	}
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

// posting records the start of a post, and returns the entry's number.
func (d *delivery) posting(o *outgoing) int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.attempted(o, o.entry, KindCallbackAttempted, AttemptEntry{Number: len(o.attempts) + 1})
}

// posted records the result of the post that entry cause started, or why there was
// none, and whether it is the last one.
func (d *delivery) posted(o *outgoing, cause int64, p posted, last bool) AttemptEntry {
	d.report.undelivered(o, p.status, p.err)
	d.mu.Lock()
	defer d.mu.Unlock()
	made := DeliveryAttempt{Time: d.config.clock.Now(), Status: p.status, Err: p.err}
	a := AttemptEntry{
		Callback: o.number, URL: o.url, Status: p.status, Header: p.header, Body: p.body, Truncated: p.truncated, Duration: p.duration,
	}
	switch {
	case p.err == nil:
	case errors.Is(p.err, ErrNotLocal):
		a.Error = p.err.Error()
	default:
		a.Error = o.scrub(p.err.Error()) // it may repeat parts of a broken response
	}
	if cause != o.entry {
		a.Number = len(o.attempts) + 1
		kind := KindCallbackResponded
		if p.status == 0 {
			kind = KindCallbackFailed
		}
		cause = d.attempted(o, cause, kind, a)
	}
	if last && (p.status < 200 || p.status > 299) {
		up := AttemptEntry{Number: a.Number, Status: p.status, Error: a.Error}
		if up.Error == "" {
			up.Error = "paymentstest: the application responded with " + strconv.Itoa(p.status) + ": Twilio does not post again, unless the URL says so"
		}
		d.attempted(o, cause, KindCallbackGivenUp, up)
	}
	o.attempts = append(o.attempts, made)
	d.report.delivery(o, made)
	return a
}
