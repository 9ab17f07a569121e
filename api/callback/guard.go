package callback

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// guard calls code of the user's: the function, a token source, a deduplicator,
// a public URL function. All of it is called through here, in every goroutine,
// because a panic in a goroutine of this package would end the process.
//
// The error it returns is of this package only. The user's own is turned into
// text at once and let go: its methods can panic too, as those of a nil pointer
// in an error do, and errors.As would call them wherever it is looked at.
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

// panicError is a panic of the user's code.
type panicError struct {
	text  string
	stack []byte
}

func newPanicError(prefix string, v any) *panicError {
	return &panicError{text: prefix + "panic: " + panicText(v), stack: debug.Stack()}
}

func (p *panicError) Error() string { return p.text }

// panicText returns what v says. Package fmt catches the panic of a method, and
// panics itself when the value of that panic panics too.
func panicText(v any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("%T", v)
		}
	}()
	return fmt.Sprint(v)
}
