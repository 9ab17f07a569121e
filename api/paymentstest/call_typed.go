package paymentstest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest/internal/core"
)

// TestCard is a card, or a bank account, that a connector in TEST mode accepts. It
// has a name, so that a test, a file or a page can say what a caller types without
// digits: see [Call.Type].
type TestCard struct {
	// Name is what [Call.Type] accepts, such as "visa".
	Name   string
	Method payments.PaymentMethod
	// Type is empty for a bank account.
	Type payments.CardType
	// LastDigits are the last four of a card, the last two of a bank account.
	LastDigits string
}

const (
	goodDate   = "1299"
	goodCode   = "1234" // as many of them as the card has
	postalCode = "94109"
	routing    = "121181976"
)

// TestCards returns the cards, and the bank account, that a connector in TEST
// mode accepts.
// See https://www.twilio.com/docs/voice/twiml/pay/pay-connectors
func TestCards() []TestCard {
	cards := core.TestCards()
	list := make([]TestCard, 0, len(cards)+1)
	for _, c := range cards {
		list = append(list, TestCard{c.Name, payments.PaymentMethodCreditCard, c.Type, c.Number[len(c.Number)-4:]})
	}
	account := core.TestAccount()
	return append(list, TestCard{Name: core.TypedTestAccount, Method: payments.PaymentMethodACHDebit, LastDigits: account[len(account)-2:]})
}

// Mistake is something wrong that a caller types, by its name; see [Call.Type].
type Mistake struct {
	// Name is what [Call.Type] accepts, such as "check-digit".
	Name string
	// Text describes what is wrong.
	Text string
	// Captures are the fields it can be typed for.
	Captures []payments.Capture
}

const (
	cardNumber = payments.CapturePaymentCardNumber
	cardDate   = payments.CaptureExpirationDate
	cardCode   = payments.CaptureSecurityCode
	cardPostal = payments.CapturePostalCode
	bankNumber = payments.CaptureBankAccountNumber
	bankRoute  = payments.CaptureBankRoutingNumber
)

// mistakes are the digits of each mistake by field.
var mistakes = []struct {
	name, text string
	digits     map[payments.Capture]string
}{
	{core.TypedCheckDigit, "the check digit is wrong", map[payments.Capture]string{cardNumber: "4111111111111112", bankRoute: "121181977"}},
	{core.TypedTooShort, "too few digits", map[payments.Capture]string{cardNumber: "4111", cardDate: "12", cardCode: "1", cardPostal: "1", bankNumber: "123", bankRoute: "1211"}},
	{core.TypedTooLong, "too many digits", map[payments.Capture]string{bankNumber: "123456789012345678", cardNumber: "2014000000000009"}},
	{core.TypedNoBrand, "no card number starts this way", map[payments.Capture]string{cardNumber: "9999999999999995"}},
	{core.TypedExpired, "the card has expired", map[payments.Capture]string{cardDate: "0120"}},
	{core.TypedNoMonth, "there is no such month", map[payments.Capture]string{cardDate: "1399"}},
	{core.TypedUntested, "valid, but no test card or test bank account", map[payments.Capture]string{cardNumber: "4242424242424242", bankNumber: "987654321"}},
	{core.TypedOther, "valid, but not what was typed before", map[payments.Capture]string{
		cardNumber: "4012888888881881", cardDate: "1198", cardCode: "9876", cardPostal: "10001",
	}},
}

// Mistakes returns the mistakes that a caller can make.
func Mistakes() []Mistake {
	list := make([]Mistake, 0, len(mistakes))
	for _, m := range mistakes {
		var captures []payments.Capture
		for _, c := range []payments.Capture{cardNumber, cardDate, cardCode, cardPostal, bankRoute, bankNumber} {
			if m.digits[c] != "" {
				captures = append(captures, c)
			}
		}
		list = append(list, Mistake{m.name, m.text, captures})
	}
	return list
}

// TypedNames returns the names that [Call.Type] accepts for a field.
func TypedNames(capture payments.Capture) []string {
	field, _ := core.FieldOf(capture)
	return namesFor(field)
}

// Type types an entry by its name for the field that the caller is asked for,
// and ends it with #: the value of a card of [TestCards], one of [Mistakes], or
// "good" for something that is accepted. "confirm" and "refuse" answer the question
// whether to proceed. A test that uses names contains no digits.
func (c *Call) Type(name string) error { return c.typeNamed(name, 0) }

// TypeFirst types the first n digits of an entry that has a name for [Call.Type],
// and does not end it: the caller falls silent.
func (c *Call) TypeFirst(n int, name string) error {
	if n < 1 {
		return fmt.Errorf("paymentstest: TypeFirst types at least one digit, not %d", n)
	}
	return c.typeNamed(name, n)
}

// TypeSlowly types an entry as [Call.Type] does, with a pause before each key, as
// a scripted [Caller] does that somebody watches. It ends early, without an
// error, when ctx is done or the caller is asked for something else.
func (c *Call) TypeSlowly(ctx context.Context, name string, pause time.Duration) error {
	digits, p, err := c.resolve(name)
	if err != nil {
		return err
	}
	if !p.Confirm {
		digits += "#"
	}
	for i := range len(digits) {
		passed := make(chan struct{})
		stop := c.sim.config.clock.AfterFunc(pause, func() { close(passed) })
		select {
		case <-passed:
		case <-ctx.Done():
			stop()
			return nil
		}
		if now, asked := c.Prompt(); !asked || now != p {
			return nil
		}
		if err := c.Press(digits[i : i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (c *Call) typeNamed(name string, first int) error {
	digits, p, err := c.resolve(name)
	switch {
	case err != nil:
		return err
	case p.Confirm:
		return c.Press(digits)
	case first > 0:
		return c.Press(digits[:min(first, len(digits))])
	}
	return c.Enter(digits)
}

// resolve returns the digits of a name at the open prompt.
func (c *Call) resolve(name string) (string, Prompt, error) {
	c = c.real()
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	p, asked := c.current()
	switch {
	case !c.hungUp.IsZero():
		return "", p, ErrCallEnded
	case !asked:
		return "", p, ErrNotAsked
	}
	digits, err := digitsOf(name, p, c.sim.core.CodeLength(c.SID))
	return digits, p, err
}

// digitsOf returns the digits of a name at a prompt.
func digitsOf(name string, p Prompt, codeLength int) (string, error) {
	if p.Confirm {
		switch name {
		case core.TypedConfirm:
			return "1", nil
		case core.TypedRefuse:
			return "2", nil
		}
		return "", fmt.Errorf("paymentstest: the caller is asked to confirm: type %q or %q, not %q", core.TypedConfirm, core.TypedRefuse, name)
	}
	field, _ := core.FieldOf(p.Capture)
	for _, m := range mistakes {
		if digits := m.digits[field]; m.name == name && digits != "" {
			if name == core.TypedOther && field == cardCode {
				digits = digits[:codeLength]
			}
			return digits, nil
		}
	}
	if digits := goodDigits(name, field, codeLength); digits != "" {
		return digits, nil
	}
	return "", fmt.Errorf("paymentstest: nothing is called %q for %s: it can be one of %s", name, p.Capture, strings.Join(namesFor(field), ", "))
}

// goodDigits are the digits of a test card, or of "good", for a field.
func goodDigits(name string, field payments.Capture, codeLength int) string {
	cards := core.TestCards()
	at := slices.IndexFunc(cards, func(c core.TestCard) bool { return c.Name == name })
	good, bank := name == core.TypedGood, name == core.TypedTestAccount
	switch {
	case field == cardNumber && good:
		return cards[0].Number
	case field == cardNumber && at >= 0:
		return cards[at].Number
	case field == bankNumber && (good || bank):
		return core.TestAccount()
	case field == bankRoute && (good || bank):
		return routing
	case field == cardDate && (good || at >= 0):
		return goodDate
	case field == cardCode && (good || at >= 0):
		return goodCode[:codeLength]
	case field == cardPostal && (good || at >= 0):
		return postalCode
	}
	return ""
}

// namesFor returns the names that can be typed for a field.
func namesFor(field payments.Capture) []string {
	names := []string{core.TypedGood}
	for _, c := range TestCards() {
		if goodDigits(c.Name, field, 3) != "" {
			names = append(names, c.Name)
		}
	}
	for _, m := range mistakes {
		if m.digits[field] != "" {
			names = append(names, m.name)
		}
	}
	return names
}
