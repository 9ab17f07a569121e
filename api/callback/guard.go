package callback

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// guard calls the user's code: the function, a token source, a deduplicator, a
// public URL function, a hook. All calls go through guard, because a panic in a
// goroutine of this package would end the process.
//
// The error it returns is this package's own. It keeps only the text of the
// user's error, whose methods can panic too, such as those of a nil pointer in an
// error, and errors.As would call them anywhere.
func guard(prefix string, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = newPanicError(prefix, v)
		}
	}()
	if failure := f(); failure != nil {
		return errors.New(prefix + failure.Error())
	}
	return nil
}

// panicError is a panic in the user's code.
type panicError struct {
	text  string
	stack []byte
}

func newPanicError(prefix string, v any) *panicError {
	return &panicError{text: prefix + "panic: " + panicText(v), stack: debug.Stack()}
}

func (p *panicError) Error() string { return p.text }

// panicText returns the text of a panic's value. Package fmt catches a panic of v's
// method, but panics itself if the value of that panic panics too.
func panicText(v any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("%T", v)
		}
	}()
	return fmt.Sprint(v)
}
