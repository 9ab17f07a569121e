package core

import (
	"testing"
	"time"
)

func TestEntry(t *testing.T) {
	t.Parallel()
	playScenes(t, []scene{
		{name: "an expired card", steps: []string{cardOnly, "capture expiration-date", "press 022", "press 6"}, want: []string{
			"key • 4",
			"> callback to capture ExpirationDate=0226 PartialResult=true Required=payment-card-number,expiration-date",
			"> timer stopped",
			"> no longer asked expiration-date 1: refused expired invalid-date",
			"> callback to capture ErrorType=invalid-date Required=payment-card-number,expiration-date [FinalPartialResult]",
			"> session idle",
		}},
		{name: "a matcher that differs", steps: []string{matching, "capture payment-card-number", "press " + visa,
			"capture payment-card-number-matcher", "press 555555555555444", "press 4"}, want: []string{
			"key • 16",
			"> callback to capture PartialResult=true PaymentCardNumber=xxxxxxxxxxxxxxxx PaymentCardType=visa Required=payment-card-number-matcher,expiration-date [HideMatchers]",
			"> timer stopped",
			"> no longer asked payment-card-number-matcher 1: refused mastercard input-matching-failed",
			"> callback to capture ErrorType=input-matching-failed PaymentCardNumber=xxxxxxxxxxxx1111 PaymentCardType=visa Required=payment-card-number-matcher,expiration-date [HideMatchers]",
			"> session idle",
		}},
		{name: "a card that is not accepted", steps: []string{cardOnly + "&ValidCardTypes=amex", "capture payment-card-number", "press 411111111111111", "press 1"}, want: []string{
			"key • 16",
			"> callback to capture PartialResult=true PaymentCardNumber=xxxxxxxxxxxxxxxx Required=payment-card-number,expiration-date",
			"> timer stopped",
			"> no longer asked payment-card-number 1: refused visa invalid-card-type",
			"> callback to capture ErrorType=invalid-card-type Required=payment-card-number,expiration-date [FinalPartialResult]",
			"> session idle",
		}},
		{name: "the timeout that was asked for", steps: []string{cardOnly + "&Timeout=600", "capture payment-card-number", "press 4"}, want: []string{
			"key • 1",
			"> callback to capture PartialResult=true PaymentCardNumber=x Required=payment-card-number,expiration-date",
			"> timer 10m0s",
		}},
		{name: "a finished entry's PartialResult", assume: Assumptions{FinalPartialResult: "false"},
			steps: []string{ach, "capture bank-account-number", "press 12345678", "press #"}, want: []string{
				"key # 8",
				"> timer stopped",
				"> no longer asked bank-account-number 1: complete ach",
				"> callback to capture BankAccountNumber=******78 BankAccountType=consumer-checking PartialResult=false Required=bank-routing-number [FinalPartialResult]",
				"> session idle",
			}},
	})
}

// TestFieldRules checks what is wrong with digits, "" if they are captured, and how
// many of them end the entry without #, zero for none.
func TestFieldRules(t *testing.T) {
	t.Parallel()
	const card, bank = "create MinPostalCodeLength=5&ValidCardTypes=visa amex maestro", ach
	amex := []string{"capture payment-card-number", "enter 378282246310005"}
	for _, tt := range []struct {
		name, create string
		before       []string
		field        string
		digits       string
		wrong        string
		whole        int
	}{
		{name: "visa", create: card, field: "payment-card-number", digits: visa, whole: 16},
		{name: "visa with a wrong check digit", create: card, field: "payment-card-number", digits: "4111111111111112", wrong: "invalid-card-number", whole: 16},
		{name: "amex", create: card, field: "payment-card-number", digits: "378282246310005", whole: 15},
		{name: "old visa of 13 digits", create: card, field: "payment-card-number", digits: "4222222222222"},
		{name: "maestro", create: card, field: "payment-card-number", digits: "6771798021000008"},
		{name: "mastercard, not accepted", create: card, field: "payment-card-number", digits: "5555555555554444", wrong: "invalid-card-type", whole: 16},
		{name: "no brand", create: card, field: "payment-card-number", digits: "1111111111111117", wrong: "invalid-card-number"},
		{name: "this month", create: card, field: "expiration-date", digits: "0326", whole: 4},
		{name: "last month", create: card, field: "expiration-date", digits: "0226", wrong: "invalid-date", whole: 4},
		{name: "no month", create: card, field: "expiration-date", digits: "1399", wrong: "invalid-date", whole: 4},
		{name: "month zero", create: card, field: "expiration-date", digits: "0099", wrong: "invalid-date", whole: 4},
		{name: "half a date", create: card, field: "expiration-date", digits: "129", wrong: "invalid-date"},
		{name: "code of visa", create: card, before: []string{"capture payment-card-number", "enter " + visa}, field: "security-code", digits: "123", whole: 3},
		{name: "short code of visa", create: card, before: []string{"capture payment-card-number", "enter " + visa}, field: "security-code", digits: "12", wrong: "invalid-security-code"},
		{name: "code of amex", create: card, before: amex, field: "security-code", digits: "1234", whole: 4},
		{name: "short code of amex", create: card, before: amex, field: "security-code", digits: "123", wrong: "invalid-security-code"},
		{name: "postal code", create: card, field: "postal-code", digits: "94109"},
		{name: "short postal code", create: card, field: "postal-code", digits: "9410", wrong: "invalid-postal-code"},
		{name: "routing number", create: bank, field: "bank-routing-number", digits: "121181976", whole: 9},
		{name: "routing number with a wrong check digit", create: bank, field: "bank-routing-number", digits: "121181977", wrong: "invalid-bank-routing-number", whole: 9},
		{name: "routing number of zeros", create: bank, field: "bank-routing-number", digits: "000000000", wrong: "invalid-bank-routing-number", whole: 9},
		{name: "shortest account number", create: bank, field: "bank-account-number", digits: "1234"},
		{name: "short account number", create: bank, field: "bank-account-number", digits: "123", wrong: "invalid-bank-account-number"},
		{name: "longest account number", create: bank, field: "bank-account-number", digits: "12345678901234567"},
		{name: "long account number", create: bank, field: "bank-account-number", digits: "123456789012345678", wrong: "invalid-bank-account-number"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPlayer(t, Config{})
			p.play(after([]string{tt.create}, tt.before...)...)
			p.play("capture "+tt.field, "press "+tt.digits)
			whole := 0
			if _, asked := p.m.Prompt(testCall); !asked {
				whole = len(tt.digits)
			} else {
				p.play("press #")
			}
			if whole != tt.whole {
				t.Errorf("%d digits end the entry, want %d", whole, tt.whole)
			}
			var last Callback
			for _, e := range p.all {
				if c, is := e.Event.(Callback); is {
					last = c
				}
			}
			if got := last.Form.Get("ErrorType"); got != tt.wrong {
				t.Errorf("wrong: %q, want %q", got, tt.wrong)
			}
		})
	}
}

// TestLastDay: a card is good until its month ends, in UTC.
func TestLastDay(t *testing.T) {
	t.Parallel()
	end := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		at   time.Time
		good bool
	}{
		{end.Add(-time.Nanosecond), true}, {end, false},
		{end.Add(-time.Nanosecond).In(time.FixedZone("east", 3600)), true},
	} {
		if got := isFuture("1226", tt.at); got != tt.good {
			t.Errorf("12/26 at %v is good: %t, want %t", tt.at, got, tt.good)
		}
	}
}
