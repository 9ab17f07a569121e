package payments

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
)

// redactCause returns err with texts that hold no secret, and nothing of a
// response that net/http could not read and quotes. errors.Is finds in it what
// it finds in err. errors.As finds what has no secret in its own text; of the
// standard library's errors with an address it finds a copy without.
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

// show reports whether the text of err, or of an error in it, shows a secret.
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

// clean is the text of err as it may be shown.
func (s secrets) clean(err error) string {
	text := s.hide(err.Error())
	if before, _, quoted := strings.Cut(text, "malformed "); quoted {
		return before + "malformed response"
	}
	return text
}

// copyOf returns the standard library's error err with its texts clean, or
// nothing when it is none of those.
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

// redactedError holds the error it stands for behind a function, so that
// reflection does not find its text.
type redactedError struct {
	text  string
	is    func(error) bool
	inner []error
}

func (e redactedError) Error() string { return e.text }

func (e redactedError) Is(target error) bool { return e.is(target) }

func (e redactedError) Unwrap() []error { return e.inner }

func (e redactedError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.text) }

// redactedTimeout is a redactedError of an error that implements net.Error, or
// its method Timeout.
type redactedTimeout struct {
	redactedError
	timeout bool
}

func (e redactedTimeout) Timeout() bool { return e.timeout }

// Temporary completes net.Error, where it is deprecated: a timeout was temporary.
func (e redactedTimeout) Temporary() bool { return e.timeout }
