package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/flow"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

// printer prints what happens, in color on a terminal.
type printer struct {
	out   io.Writer
	color bool
}

const red, green, yellow = "31", "32", "33"

func (p printer) say(format string, args ...any)  { p.print("", format, args) }
func (p printer) good(format string, args ...any) { p.print(green, format, args) }
func (p printer) bad(format string, args ...any)  { p.print(red, format, args) }
func (p printer) warn(format string, args ...any) { p.print(yellow, format, args) }

func (p printer) print(color, format string, args []any) {
	text := fmt.Sprintf(format, args...)
	if p.color && color != "" {
		text = "\x1b[" + color + "m" + text + "\x1b[0m"
	}
	_, _ = fmt.Fprintln(p.out, text)
}

// wantsColor reports whether out is a terminal whose user wants colors; see
// https://no-color.org.
func wantsColor(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// shown returns an entry as text. Twilio has already masked card numbers and codes.
func shown(p flow.Progress) string {
	if p.Capture == payments.CapturePaymentCardNumber {
		return strings.TrimSpace(p.Entered + " " + string(p.CardType))
	}
	return p.Entered
}

func words(c payments.Capture) string {
	switch c {
	case payments.CapturePaymentCardNumber:
		return "card number"
	case payments.CaptureExpirationDate:
		return "expiry date"
	}
	return strings.ReplaceAll(string(c), "-", " ")
}

func list(captures []payments.Capture) string {
	if len(captures) == 0 {
		return "nothing"
	}
	names := make([]string, 0, len(captures))
	for _, c := range captures {
		names = append(names, words(c))
	}
	return strings.Join(names, ", ")
}
