package payments

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
)

// redactCause returns err without secrets in its texts, and without the part of
// a malformed response that net/http quotes. errors.Is matches what it matches
// for err. errors.As finds only errors whose text holds no secret; of the
// standard library's errors with an address it finds a redacted copy.
func redactCause(err error, s secrets) error {
	if err == nil || !s.show(err) {
		return err
	}
	e := redactedError{text: s.clean(err), is: func(target error) bool { return errors.Is(err, target) }}
	switch inner := err.(type) {
	case interface{ Unwrap() error }:
		e.inner = []error{redactCause(inner.Unwrap(), s)}
	case interface{ Unwrap() []error }:
		for _, one := range inner.Unwrap() {
			e.inner = append(e.inner, redactCause(one, s))
		}
	}
	e.inner = append(e.inner, s.copyOf(err)...)
	if timeout, ok := err.(interface{ Timeout() bool }); ok {
		return redactedTimeout{e, timeout.Timeout()}
	}
	return e
}

// show reports whether the text of err, or of an error it wraps, shows a secret.
func (s secrets) show(err error) bool {
	if err == nil {
		return false
	}
	if s.clean(err) != err.Error() {
		return true
	}
	switch inner := err.(type) {
	case interface{ Unwrap() error }:
		return s.show(inner.Unwrap())
	case interface{ Unwrap() []error }:
		for _, one := range inner.Unwrap() {
			if s.show(one) {
				return true
			}
		}
	}
	return false
}

// clean returns the text of err without secrets.
func (s secrets) clean(err error) string {
	text := s.hide(err.Error())
	if before, _, quoted := strings.Cut(text, "malformed "); quoted {
		return before + "malformed response"
	}
	return text
}

// copyOf returns a redacted copy of err if it is one of the standard library's
// errors with an address.
func (s secrets) copyOf(err error) []error {
	switch e := err.(type) {
	case *url.Error:
		return []error{&url.Error{Op: e.Op, URL: s.hide(e.URL), Err: redactCause(e.Err, s)}}
	case *net.OpError:
		return []error{&net.OpError{Op: e.Op, Net: e.Net, Source: e.Source, Addr: e.Addr, Err: redactCause(e.Err, s)}}
	case *net.DNSError:
		c := *e
		c.UnwrapErr, c.Err, c.Name, c.Server = redactCause(e.UnwrapErr, s), s.hide(e.Err), s.hide(e.Name), s.hide(e.Server)
		return []error{&c}
	}
	return nil
}

// redactedError replaces an error. It keeps the original only behind a function,
// where reflection does not find its text.
type redactedError struct {
	text  string
	is    func(error) bool
	inner []error
}

func (e redactedError) Error() string { return e.text }

func (e redactedError) Is(target error) bool { return e.is(target) }

func (e redactedError) Unwrap() []error { return e.inner }

func (e redactedError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.text) }

// redactedTimeout is a redactedError for an error with a Timeout method.
type redactedTimeout struct {
	redactedError
	timeout bool
}

func (e redactedTimeout) Timeout() bool { return e.timeout }

// Temporary completes the net.Error interface, where it is deprecated.
func (e redactedTimeout) Temporary() bool { return e.timeout }
