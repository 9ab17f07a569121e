package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/twiliopay/twiliopay-go/api/callback"
	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
	"github.com/twiliopay/twiliopay-go/api/wire"
	"github.com/twiliopay/twiliopay-go/generated/rules"
)

// Words of a file that must be one of a fixed set.
type (
	operation string
	faultName string
	way       string
	eventName string
)

var (
	operations = []operation{operation(paymentstest.Create), operation(paymentstest.Capture), operation(paymentstest.Complete), operation(paymentstest.Cancel)}
	faultNames = []faultName{tooManyRequests, unavailable, serverError, reset, halfBody, neverAnswer, slow}
	ways       = []way{once, twice, late, never, outOfOrder}
	eventNames = []eventName{started, entering, captured, failed, ended}
)

const (
	tooManyRequests faultName = "too-many-requests"
	unavailable     faultName = "unavailable"
	serverError     faultName = "server-error"
	reset           faultName = "reset"
	halfBody        faultName = "half-body"
	neverAnswer     faultName = "never-answer"
	slow            faultName = "slow"

	once       way = "once"
	twice      way = "twice"
	late       way = "late"
	never      way = "never"
	outOfOrder way = "out-of-order"

	started  eventName = "started"
	entering eventName = "entering" // a partial callback: the field is asked for, or digits arrive
	captured eventName = "captured"
	failed   eventName = "failed"
	ended    eventName = "ended"
)

// choose sets a word, which must be one of all.
func choose[T ~string](word *T, text []byte, all []T) error {
	if !slices.Contains(all, T(text)) {
		return errors.New("must be " + oneOf(all))
	}
	*word = T(text)
	return nil
}

func (o *operation) UnmarshalText(text []byte) error { return choose(o, text, operations) }
func (f *faultName) UnmarshalText(text []byte) error { return choose(f, text, faultNames) }
func (w *way) UnmarshalText(text []byte) error       { return choose(w, text, ways) }
func (e *eventName) UnmarshalText(text []byte) error { return choose(e, text, eventNames) }

// captures returns all values of Capture in the contract.
func captures() []string {
	for _, f := range rules.UpdateParams {
		if f.Name == "Capture" {
			return f.Enum
		}
	}
	return nil
}

// phrase is an expected result as words, such as "49.90 USD visa". Words omitted at
// the end are not checked, nor is the word anything.
type phrase []string

// anything matches any word of a phrase. As an element of a list of events it
// matches any number of events.
const anything = "*"

func (p phrase) String() string               { return strings.Join(p, " ") }
func (p phrase) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// fits reports whether got starts with the expected words.
func (p phrase) fits(got phrase) bool {
	if len(p) > len(got) {
		return false
	}
	for i, word := range p {
		if word != anything && word != got[i] && !sameAmount(word, got[i]) {
			return false
		}
	}
	return true
}

func sameAmount(a, b string) bool {
	return strings.Contains(a+b, ".") && wire.Amount(a).Equal(wire.Amount(b))
}

// part is one word of a phrase: its name in messages, the text of its rule, and
// the rule as a function.
type part struct {
	name, rule string
	fits       func(string) bool
}

func (p *phrase) parse(text []byte, form string, parts ...part) error {
	words := strings.Fields(string(text))
	if len(words) == 0 || len(words) > len(parts) {
		return fmt.Errorf("must be %s", form)
	}
	for i, word := range words {
		if word != anything && !parts[i].fits(word) {
			return fmt.Errorf("must be %s: the %s %s", form, parts[i].name, parts[i].rule)
		}
	}
	*p = words
	return nil
}

func among[T ~string](name string, values ...T) part {
	return part{name, "must be " + oneOf(values), func(word string) bool { return slices.Contains(values, T(word)) }}
}

// The phrases.
type (
	result struct{ phrase }
	charge struct{ phrase }
	token  struct{ phrase }
	event  struct{ phrase }
)

// open is the result of a session whose end no callback has reported.
const open = "open"

var (
	results = []callback.Result{
		callback.ResultSuccess, callback.ResultPaymentConnectorError, callback.ResultCallerHungUp, callback.ResultCallerInterruptedWithStar,
		callback.ResultTransactionCancelled, callback.ResultTooManyFailedAttempts, callback.ResultValidationError, callback.ResultInternalError,
	}
	errorTypes = []callback.ErrorType{
		callback.ErrorTypeInputTimeout, callback.ErrorTypeInvalidCardNumber, callback.ErrorTypeInvalidCardType, callback.ErrorTypeInvalidDate,
		callback.ErrorTypeInvalidSecurityCode, callback.ErrorTypeInvalidPostalCode, callback.ErrorTypeInvalidBankRoutingNumber,
		callback.ErrorTypeInvalidBankAccountNumber, callback.ErrorTypeInvalidBankAccountType, callback.ErrorTypeInputMatchingFailed,
		callback.ErrorTypeInvalidCardNumberSecurityCodeCaptureSequence, callback.ErrorTypeSessionInProgress, callback.ErrorTypeInternalError,
	}
	paidWith = append([]string{string(payments.PaymentMethodACHDebit)}, texts(payments.CardTypeVisa, payments.CardTypeMastercard, payments.CardTypeAmex,
		payments.CardTypeDiscover, payments.CardTypeDinersClub, payments.CardTypeJCB, payments.CardTypeMaestro, payments.CardTypeOptima, payments.CardTypeEnroute)...)

	resultPart = among("result", append(texts(results...), open)...)
	codePart   = part{"code", fmt.Sprintf("must be from %d to %d", payments.CodeConfiguration, payments.CodeConnectorNotApproved), isPayCode}
	cardPart   = among("card", paidWith...)
	lastPart   = part{"last digits", "must be two to four digits", func(word string) bool { return isDigits(word, 2, 4) }}
)

func texts[T ~string](values ...T) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = string(v)
	}
	return list
}

func isDigits(word string, least, most int) bool {
	return len(word) >= least && len(word) <= most && strings.Trim(word, "0123456789") == ""
}

func isPayCode(word string) bool {
	code, err := strconv.Atoi(word)
	return err == nil && code >= payments.CodeConfiguration && code <= payments.CodeConnectorNotApproved
}

func isAmount(word string) bool { return wire.Amount(word).Validate() == nil }

func isCurrency(word string) bool {
	return len(word) == 3 && strings.ToUpper(word) == word && isWord(word)
}

func (r *result) UnmarshalText(text []byte) error {
	return r.parse(text, `"RESULT [CODE]"`, resultPart, codePart)
}

func (c *charge) UnmarshalText(text []byte) error {
	return c.parse(text, `"AMOUNT [CURRENCY [CARD [LAST DIGITS]]]"`, part{"amount", "must be decimal text such as 49.90", isAmount},
		part{"currency", "must be three capital letters", isCurrency}, cardPart, lastPart)
}

func (t *token) UnmarshalText(text []byte) error {
	return t.parse(text, `"TOKEN TYPE [CARD [LAST DIGITS]]"`,
		among("token type", payments.TokenTypeOneTime, payments.TokenTypeReusable, payments.TokenTypePaymentMethod), cardPart, lastPart)
}

func (e *event) UnmarshalText(text []byte) error {
	capture := among("field", captures()...)
	switch word, _, _ := strings.Cut(string(text), " "); eventName(word) {
	case started:
		return e.parse(text, `"started"`, among("event", started))
	case captured:
		return e.parse(text, `"captured [FIELD]"`, among("event", captured), capture)
	case failed:
		// session-in-progress has no field: it takes the field's place.
		either := among("field", append(captures(), string(callback.ErrorTypeSessionInProgress))...)
		return e.parse(text, `"failed [FIELD [ERROR]]"`, among("event", failed), either, among("error", errorTypes...))
	case ended:
		return e.parse(text, `"ended [RESULT [CODE]]"`, among("event", ended), resultPart, codePart)
	case anything:
		e.phrase = phrase{anything}
		return nil
	}
	return errors.New("must start with " + oneOf([]eventName{started, captured, failed, ended, anything}))
}
