package core

import "testing"

const (
	cardOnly = "create ChargeAmount=5&SecurityCode=false&PostalCode=false" // number and date
	visa     = "4111111111111111"
)

// asked creates a session and asks for the card number.
var asked = []string{cardOnly, "capture payment-card-number"}

func after(steps []string, more ...string) []string {
	return append(append([]string(nil), steps...), more...)
}

func TestKeypad(t *testing.T) {
	t.Parallel()
	toConfirm := []string{
		"create ChargeAmount=5&SecurityCode=false&PostalCode=false&Confirmation=true",
		"capture payment-card-number", "enter " + visa, "capture expiration-date", "press 1299", "complete",
	}
	playScenes(t, []scene{
		{name: "a digit", steps: after(asked, "press 4"), want: []string{
			"key • 1",
			"> callback to capture PartialResult=true PaymentCardNumber=x Required=payment-card-number,expiration-date",
			"> timer 5s",
		}},
		{name: "# before any digit", steps: after(asked, "press #"), want: []string{"key #"}},
		{name: "# too early", steps: after(asked, "press 411", "press #"), want: []string{
			"key # 3",
			"> timer stopped",
			"> no longer asked payment-card-number 1: refused too-short invalid-card-number",
			"> callback to capture ErrorType=invalid-card-number Required=payment-card-number,expiration-date [FinalPartialResult]",
			"> session idle",
		}},
		{name: "# after a whole number", steps: after(asked, "press "+visa, "press #"), want: []string{"key # lost: not asked"}},
		{name: "# in one go with a whole date", steps: []string{cardOnly, "capture expiration-date", "press 1299#"}, want: []string{
			"key • 1",
			"> callback to capture ExpirationDate=1 PartialResult=true Required=payment-card-number,expiration-date",
			"> timer 5s",
			"key • 2",
			"> callback to capture ExpirationDate=12 PartialResult=true Required=payment-card-number,expiration-date",
			"> timer 5s",
			"key • 3",
			"> callback to capture ExpirationDate=129 PartialResult=true Required=payment-card-number,expiration-date",
			"> timer 5s",
			"key • 4",
			"> callback to capture ExpirationDate=1299 PartialResult=true Required=payment-card-number,expiration-date",
			"> timer stopped",
			"> no longer asked expiration-date 1: complete good",
			"> callback to capture ExpirationDate=1299 Required=payment-card-number [FinalPartialResult]",
			"> session idle",
			"key #",
		}},
		{name: "the last digit of a date", steps: []string{cardOnly, "capture expiration-date", "press 129", "press 9"}, want: []string{
			"key • 4",
			"> callback to capture ExpirationDate=1299 PartialResult=true Required=payment-card-number,expiration-date",
			"> timer stopped",
			"> no longer asked expiration-date 1: complete good",
			"> callback to capture ExpirationDate=1299 Required=payment-card-number [FinalPartialResult]",
			"> session idle",
		}},
		{name: "star", steps: after(asked, "press 4", "press *"), want: []string{
			"key * 1",
			"> timer stopped",
			"> no longer asked payment-card-number 1: star",
			"> callback to capture Result=caller-interrupted-with-star [EndToCreateURL]",
			"> session ended caller-interrupted-with-star [EndToCreateURL]",
		}},
		{name: "star reported to the URL of create", assume: Assumptions{EndToCreateURL: true}, steps: after(asked, "press *"), want: []string{
			"key *",
			"> no longer asked payment-card-number 1: star",
			"> callback to create Result=caller-interrupted-with-star [EndToCreateURL]",
			"> session ended caller-interrupted-with-star [EndToCreateURL]",
		}},
		{name: "star while nothing is asked", steps: []string{cardOnly, "press *"}, want: []string{
			"key *",
			"> callback to create Result=caller-interrupted-with-star [EndToCreateURL]",
			"> session ended caller-interrupted-with-star [EndToCreateURL]",
		}},
		{name: "a digit while nothing is asked", steps: []string{cardOnly, "press 4"}, want: []string{"key • lost: not asked"}},
		{name: "a digit before any session", steps: []string{"press 4"}, want: []string{"key • lost: not asked"}},
		{name: "a digit after the session", steps: []string{cardOnly, "cancel", "press 4"}, want: []string{"key • lost: not asked"}},
		{name: "a digit after hanging up", steps: after(asked, "hang up", "press 4"), want: []string{"key • lost: not in progress"}},
		{name: "no key of a telephone", steps: after(asked, "press x"), want: []string{"key • lost: no such key"}},
		{name: "digit 19", steps: after(asked, "press 999999999999999999", "press 9"), want: []string{
			"key • 19",
			"> callback to capture PartialResult=true PaymentCardNumber=xxxxxxxxxxxxxxxxxxx Required=payment-card-number,expiration-date",
			"> timer stopped",
			"> no longer asked payment-card-number 1: refused unknown-brand invalid-card-number",
			"> callback to capture ErrorType=invalid-card-number Required=payment-card-number,expiration-date [FinalPartialResult]",
			"> session idle",
		}},
		{name: "the time between two digits", steps: after(asked, "press 41", "wait"), want: []string{
			"timer stopped",
			"no longer asked payment-card-number 1: timeout input-timeout",
			"callback to capture ErrorType=input-timeout Required=payment-card-number,expiration-date [FinalPartialResult]",
			"session idle",
		}},
		{name: "1 at the confirmation", steps: after(toConfirm, "press 1"), want: []string{
			"key •",
			"> no longer asked to confirm 1111: complete confirm",
			"> session completing",
			"> gateway asked for 5 1111",
		}},
		{name: "2 at the confirmation", steps: after(toConfirm, "press 2"), want: []string{
			"key •",
			"> no longer asked to confirm 1111: complete refuse",
			"> callback to complete ExpirationDate=1299 PaymentCardNumber=xxxxxxxxxxxx1111 PaymentCardType=visa Result=transaction-cancelled [CancelResult]",
			"> session ended transaction-cancelled [CancelResult]",
		}},
		{name: "3 at the confirmation", steps: after(toConfirm, "press 3"), want: []string{"key •"}},
		{name: "star at the confirmation", steps: after(toConfirm, "press *"), want: []string{
			"key *",
			"> no longer asked to confirm 1111: star",
			"> callback to complete ExpirationDate=1299 PaymentCardNumber=xxxxxxxxxxxx1111 PaymentCardType=visa Result=caller-interrupted-with-star [EndToCreateURL]",
			"> session ended caller-interrupted-with-star [EndToCreateURL]",
		}},
		{name: "# after 1", steps: after(toConfirm, "press 1#"), want: []string{
			"key •",
			"> no longer asked to confirm 1111: complete confirm",
			"> session completing",
			"> gateway asked for 5 1111",
			"key #",
		}},
		{name: "star while the gateway decides", steps: after(toConfirm, "press 1", "press *"), want: []string{"key * lost: not asked"}},
		{name: "hanging up", steps: after(asked, "press 4", "hang up"), want: []string{
			"call ended",
			"> timer stopped",
			"> no longer asked payment-card-number 1: hang-up",
			"> callback to capture Result=caller-hung-up [EndToCreateURL]",
			"> session ended caller-hung-up [EndToCreateURL]",
		}},
		{name: "hanging up twice", steps: after(asked, "hang up", "hang up"), want: nil},
		{name: "hanging up while the gateway decides", steps: after(toConfirm, "press 1", "hang up"), want: []string{"call ended"}},
		{name: "the verdict after hanging up", steps: after(toConfirm, "press 1", "hang up", "verdict"), want: []string{
			"gateway decided success",
			"> charged 5 USD",
			"> callback to complete ExpirationDate=1299 PaymentCardNumber=xxxxxxxxxxxx1111 PaymentCardType=visa PaymentConfirmationCode=ch_28d86804064bf8b9e954b730 Result=success",
			"> session ended success",
		}},
	})
}

// A timer that was replaced or stopped ends nothing.
func TestLateTimer(t *testing.T) {
	t.Parallel()
	p := newPlayer(t, Config{})
	p.play(after(asked, "press 4")...)
	first := p.timer
	p.play("press 1")
	if effects := p.apply(TimerFired{SID: first.SID, N: first.N}); len(effects) != 0 {
		t.Errorf("the timer of the first digit after the second: %v", describeAll(effects))
	}
	second := p.timer
	p.play("capture payment-card-number", "press 4")
	if effects := p.apply(TimerFired{SID: second.SID, N: second.N}); len(effects) != 0 {
		t.Errorf("the timer of an entry that was replaced: %v", describeAll(effects))
	}
	if effects := p.apply(TimerFired{SID: "PK0", N: 1}); len(effects) != 0 {
		t.Errorf("the timer of no session: %v", describeAll(effects))
	}
}
