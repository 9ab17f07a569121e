package callback

import (
	"slices"
	"strings"

	"github.com/twiliopay/twiliopay-go/generated"
)

// Partial reports whether the caller is still entering: PartialResult is
// "true". Anything else, and no PartialResult at all, is final.
func (e Event) Partial() bool {
	return strings.EqualFold(strings.TrimSpace(e.PartialResult), "true")
}

// Missing returns the captures that Required lists, in its order: what the
// session still needs before it can complete. Twilio is documented to write
// them as "ExpirationDate" and seen to write "expiration-date"; both become the
// value that Capture takes. A name that is not known is kept as it is.
func (e Event) Missing() []Capture {
	var missing []Capture
	for name := range strings.SplitSeq(e.Required, ",") {
		if c := captureNamed(strings.TrimSpace(name)); c != "" && !slices.Contains(missing, c) {
			missing = append(missing, c)
		}
	}
	return missing
}

// CanComplete reports whether this event says that everything is captured: it
// is the final update of an entry, reports no error and lists nothing as
// missing. The session can then be completed, if no capture was asked for
// since; [State] tells over all events.
func (e Event) CanComplete() bool {
	return e.Kind == Updated && !e.Partial() && e.ErrorType == "" && len(e.Missing()) == 0
}

// Retryable reports whether the agent may ask for the field again: the entry
// failed for something the caller did, and the session is still open. After
// [ErrorTypeInvalidCardNumberSecurityCodeCaptureSequence] the card number has
// to come first. An error type that is not known is not called retryable.
func (e Event) Retryable() bool {
	if e.Kind == Completed {
		return false
	}
	switch e.ErrorType {
	case ErrorTypeInputTimeout, ErrorTypeInputMatchingFailed,
		ErrorTypeInvalidCardNumber, ErrorTypeInvalidCardType, ErrorTypeInvalidDate, "date-validation-failed",
		ErrorTypeInvalidSecurityCode, ErrorTypeInvalidPostalCode, ErrorTypeInvalidBankRoutingNumber,
		ErrorTypeInvalidBankAccountNumber, ErrorTypeInvalidBankAccountType,
		ErrorTypeInvalidCardNumberSecurityCodeCaptureSequence:
		return true
	}
	return false
}

// captureNamed returns the capture that name means, in kebab or Pascal case.
func captureNamed(name string) Capture {
	var b strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('-')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	c := Capture(b.String())
	if c == "payment-card-postal-code" { // what the postal code's own parameter is called
		return generated.CapturePostalCode
	}
	if !c.Valid() {
		return Capture(name)
	}
	return c
}
