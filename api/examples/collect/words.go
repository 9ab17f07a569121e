package main

import (
	"fmt"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
)

func (d *desk) say(format string, args ...any) { _, _ = fmt.Fprintf(d.out, format+"\n", args...) }

// tell says in plain words what a callback reports. Card numbers and codes come
// masked from Twilio.
func (d *desk) tell(e callback.Event) {
	switch {
	case e.Kind == callback.Started:
		d.say("  Twilio: the session has started.")
	case e.Kind == callback.Completed:
		d.tellEnd(e)
	case e.Partial() && value(e) != "":
		d.typed++
	case e.Partial():
		d.say("  Twilio: listening to the caller's keypad.")
	case e.ErrorType != "":
		d.say("  Twilio: %s, not taken: %s.", keys(d.typed), e.ErrorType)
	default:
		d.say("  Twilio: %s, the %s is %s.", keys(d.typed), words(e.Capture), value(e))
		d.say("  Captured so far: %s. Still missing: %s.", list(d.state.Captured()), list(d.state.Missing()))
	}
}

func (d *desk) tellEnd(e callback.Event) {
	switch {
	case !e.Succeeded():
		d.say("  Twilio: the session ended with %s.", e.Result)
	case e.PaymentConfirmationCode != "":
		d.say("  Twilio: charged, confirmation code %s.", e.PaymentConfirmationCode)
	default:
		d.say("  Twilio: the gateway returned a token.")
	}
}

// value is what the callback shows of the field it is about.
func value(e callback.Event) string {
	switch e.Capture {
	case payments.CapturePaymentCardNumber:
		return strings.TrimSpace(e.PaymentCardNumber + " " + string(e.PaymentCardType))
	case payments.CaptureExpirationDate:
		return e.ExpirationDate
	case payments.CaptureSecurityCode:
		return e.SecurityCode
	}
	return ""
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
	var names []string
	for _, c := range captures {
		names = append(names, words(c))
	}
	return strings.Join(names, ", ")
}

func keys(n int) string {
	if n == 1 {
		return "1 key pressed"
	}
	return fmt.Sprintf("%d keys pressed", n)
}
