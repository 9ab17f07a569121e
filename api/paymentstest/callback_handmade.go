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
	return s.postNow(ctx, s.makeByHand(h))
}

func (s *Server) makeByHand(h HandMade) *outgoing {
	form := cloneForm(h.Form)
	if form == nil {
		form = url.Values{}
	}
	key, known := s.config.credentials.tokenOf(form.Get("AccountSid"))
	if !known {
		key = s.AuthToken()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent++
	o := &outgoing{
		time: s.now(), url: h.URL, form: form, key: key, sign: h.Sign, handMade: true,
		token: core.DeriveUUID(s.config.seed, "hand-made", strconv.Itoa(s.sent)),
	}
	o.entry = s.emit(s.because(0), KindCallbackMade, wellFormed(form.Get("CallSid")), wellFormed(form.Get("Sid")), o)
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
	return s.postNow(ctx, o)
}

// postNow posts on the caller's goroutine, until ctx or the server is done.
func (s *Server) postNow(ctx context.Context, o *outgoing) (AttemptEntry, error) {
	if !s.work.enter() {
		return AttemptEntry{}, ErrClosed
	}
	defer s.work.leave()
	s.work.add(1)
	defer s.work.done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	return s.delivery.post(ctx, o)
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
