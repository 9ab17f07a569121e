package paymentstest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
)

// Signing is how a hand-made callback is signed.
type Signing string

// The ways of signing.
const (
	SignCorrectly Signing = ""      // with the account's auth token, as Twilio does
	SignNot       Signing = "none"  // X-Twilio-Signature is left out
	SignWrongly   Signing = "wrong" // with another token
)

// HandMade is a callback that no payment session made. It tests how an application
// handles a forged callback, an unknown value or a missing parameter.
type HandMade struct {
	// URL is where to post it: an absolute http or https URL that callbacks may go
	// to, see [Server.Handle] and [WithCallbackHosts].
	URL string
	// Form is posted unchanged. It is signed for the account in AccountSid, by
	// default [Server.AccountSID].
	Form url.Values
	// Sign is how to sign it. Default: correctly.
	Sign Signing
}

// ErrNoCallback is the error of [Server.Redeliver] for the number of no callback, or
// of one that is no longer kept.
var ErrNoCallback = errors.New("paymentstest: no callback with this number is kept")

// Send posts a hand-made callback at once and returns how the application
// responded: a refusal is a Status, a broken connection an Error of the
// [AttemptEntry]. The error is why nothing was posted: the URL, [ErrNotLocal] or
// [ErrClosed]. The journal records it; [Server.Callbacks] does not return it.
func (s *Server) Send(ctx context.Context, h HandMade) (AttemptEntry, error) {
	return s.delivery.postNow(ctx, s.delivery.makeByHand(h))
}

func (d *delivery) makeByHand(h HandMade) *outgoing {
	form := cloneForm(h.Form)
	if form == nil {
		form = url.Values{}
	}
	key, known := d.config.credentials.tokenOf(form.Get("AccountSid"))
	if !known {
		key, _ = d.config.credentials.tokenOf(d.config.credentials.main)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.handMade++
	from := d.journal.because(0)
	o := &outgoing{
		time: from.at, url: h.URL, form: form, key: key, sign: h.Sign, handMade: true,
		token: core.DeriveUUID(d.config.seed, "hand-made", strconv.Itoa(d.handMade)),
	}
	o.entry = d.journal.emit(from, KindCallbackMade, wellFormed(form.Get("CallSid")), wellFormed(form.Get("Sid")), o)
	return o
}

// Redeliver posts a callback of [Server.Callbacks] once more, as an at-least-once
// sender may: with the same form, signature and I-Twilio-Idempotency-Token. It
// returns the same as [Server.Send].
func (s *Server) Redeliver(ctx context.Context, number int) (AttemptEntry, error) {
	o := s.delivery.find(number)
	if o == nil {
		return AttemptEntry{}, ErrNoCallback
	}
	return s.delivery.postNow(ctx, o)
}

// postNow posts on the caller's goroutine, until ctx or the server is done.
func (d *delivery) postNow(ctx context.Context, o *outgoing) (AttemptEntry, error) {
	if !d.work.enter() {
		return AttemptEntry{}, ErrClosed
	}
	defer d.work.leave()
	d.work.add(1)
	defer d.work.done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(d.work.ctx, cancel)()
	return d.post(ctx, o)
}

// scrub removes from text the secrets of a callback that a response may repeat: its
// token or confirmation code, the account's auth token, and digits of a hand-made
// callback.
func (o *outgoing) scrub(text string) string {
	secrets := []string{o.key}
	for _, name := range withheld {
		secrets = append(secrets, o.form[name]...)
	}
	if o.handMade {
		for name := range maskedParameters {
			secrets = append(secrets, o.form[name]...)
		}
	}
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, hidden)
			text = strings.ReplaceAll(text, url.QueryEscape(secret), hidden)
		}
	}
	return text
}

func (o *outgoing) scrubHeader(h http.Header) http.Header {
	for name, values := range h {
		clean := make([]string, len(values))
		for i, v := range values {
			clean[i] = o.scrub(v)
		}
		h[name] = clean
	}
	return h
}

// readShown reads the part of a response's body that is shown. It reads a little
// more, so that a secret across the end is recognized.
func (o *outgoing) readShown(body io.Reader) (string, bool) {
	const further = 1 << 10
	data, _ := io.ReadAll(io.LimitReader(body, maxShownResponse+further))
	return truncate(strings.ToValidUTF8(o.scrub(string(data)), "\uFFFD"), maxShownResponse)
}

// maskedParameters are parameters with the number of last digits that Twilio shows.
var maskedParameters = map[string]int{"PaymentCardNumber": 4, "SecurityCode": 0, "BankAccountNumber": 2}

// maskForm hides digits of a hand-made form that Twilio would not send.
func maskForm(form url.Values) {
	for name, clear := range maskedParameters {
		for i, v := range form[name] {
			form[name][i] = maskDigits(v, clear)
		}
	}
}

// maskDigits replaces all digits of text by x, except the last clear ones.
func maskDigits(text string, clear int) string {
	masked := []byte(text)
	for i := len(masked) - 1; i >= 0; i-- {
		if masked[i] < '0' || masked[i] > '9' {
			continue
		}
		if clear--; clear < 0 {
			masked[i] = 'x'
		}
	}
	return string(masked)
}
