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

// The ways.
const (
	SignCorrectly Signing = ""      // with the account's auth token, as Twilio does
	SignNot       Signing = "none"  // X-Twilio-Signature is left out
	SignWrongly   Signing = "wrong" // with another token
)

// HandMade is a callback that no payment session made: to show what an application
// does with a forged one, an unknown value, or one that lacks a parameter.
type HandMade struct {
	// URL is where to post it: an absolute http or https URL that callbacks may go
	// to, see [Server.Handle] and [WithCallbackHosts].
	URL string
	// Form is posted as it is. It is signed for the account of AccountSid, or
	// [Server.AccountSID] without one.
	Form url.Values
	// Sign is how to sign it. Default: as Twilio does.
	Sign Signing
}

// ErrNoCallback is the error of [Server.Redeliver] for a number that no callback
// has, or one that was forgotten.
var ErrNoCallback = errors.New("paymentstest: no callback with this number is kept")

// Send posts a hand-made callback at once and returns how the application
// responded: a refusal is a Status, a broken connection an Error of the
// [AttemptEntry]. The error is why nothing was posted: the URL, [ErrNotLocal] or
// [ErrClosed]. [Server.Callbacks] does not have it, the journal does.
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
// sender may: with the same form, signature and I-Twilio-Idempotency-Token. What
// it returns is as with [Server.Send].
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

// scrub takes out of text what a response may repeat of a callback and nobody is
// to see: its token or confirmation code, the account's auth token, and digits of a
// hand-made callback.
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

// readShown reads what is shown of a response's body. It reads on a little, so
// that a secret at the cut is recognised.
func (o *outgoing) readShown(body io.Reader) (string, bool) {
	const further = 1 << 10
	data, _ := io.ReadAll(io.LimitReader(body, maxShownResponse+further))
	return truncate(strings.ToValidUTF8(o.scrub(string(data)), "\uFFFD"), maxShownResponse)
}

// maskedParameters are the parameters of which Twilio shows so many last digits.
var maskedParameters = map[string]int{"PaymentCardNumber": 4, "SecurityCode": 0, "BankAccountNumber": 2}

// maskForm hides digits of a hand-made form that Twilio would not have sent.
func maskForm(form url.Values) {
	for name, clear := range maskedParameters {
		for i, v := range form[name] {
			form[name][i] = maskDigits(v, clear)
		}
	}
}

// maskDigits turns all digits of text into x but the last so many.
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
