package core

import "testing"

func TestComplete(t *testing.T) {
	t.Parallel()
	charge := after(filled(cardOnly), "complete")
	token := after(filled("create SecurityCode=false&PostalCode=false&TokenType=one-time"), "complete")
	confirm := after(filled(cardOnly+"&Confirmation=true"), "complete")
	playScenes(t, []scene{
		{name: "with a field missing", steps: after(asked, "press "+visa, "complete"), want: []string{"response 400 64019"}},
		{name: "with a matcher missing", steps: after(filled(matching), "complete"), want: []string{"response 400 64019"}},
		{name: "with a matcher missing that Required hides", assume: Assumptions{HideMatchers: true}, steps: after(filled(matching), "complete"), want: []string{"response 400 64019"}},
		{name: "asks the gateway", steps: charge, want: []string{
			"session completing",
			"gateway asked for 5 1111",
			"response 202",
		}},
		{name: "asks for a token", steps: token, want: []string{
			"session completing",
			"gateway asked for one-time 1111",
			"response 202",
		}},
		{name: "in the middle of an entry that is not needed", steps: after(filled(cardOnly), "capture postal-code", "press 1", "complete"), want: []string{
			"timer stopped",
			"no longer asked postal-code 1: replaced",
			"session completing",
			"gateway asked for 5 1111",
			"response 202",
		}},
		{name: "approved", steps: after(charge, "verdict"), want: []string{
			"gateway decided success",
			"> charged 5 USD",
			"> callback to complete ExpirationDate=1299 PaymentCardNumber=xxxxxxxxxxxx1111 PaymentCardType=visa PaymentConfirmationCode=ch_28d86804064bf8b9e954b730 Result=success",
			"> session ended success",
		}},
		{name: "token made", steps: after(token, "verdict"), want: []string{
			"gateway decided success",
			"> token one-time",
			"> callback to complete ExpirationDate=1299 PaymentCardNumber=xxxxxxxxxxxx1111 PaymentCardType=visa PaymentToken=tok_63c570645c7102774818a1b2 ProfileId=cus_e4507f34965b08ed3a13395d Result=success",
			"> session ended success",
		}},
		{name: "declined", steps: after(charge, "verdict 64008"), want: []string{
			"gateway decided payment-connector-error",
			"> callback to complete ExpirationDate=1299 PayErrorCode=64008 PaymentCardNumber=xxxxxxxxxxxx1111 PaymentCardType=visa PaymentError=Pay: payment refused (64008) Result=payment-connector-error",
			"> session ended payment-connector-error",
		}},
		{name: "a second verdict", steps: after(charge, "verdict", "verdict"), want: nil},
		{name: "a verdict before complete", steps: after(filled(cardOnly), "verdict"), want: nil},
		{name: "a card that is no test card", steps: after([]string{cardOnly, "capture payment-card-number", "press 4242424242424242",
			"capture expiration-date", "press 1299"}, "complete"), want: []string{
			"session completing",
			"gateway asked for 5 4242 refused 64022",
			"response 202",
		}},
		{name: "a card that is no test card, live", live: true, steps: after([]string{cardOnly, "capture payment-card-number", "press 4242424242424242",
			"capture expiration-date", "press 1299"}, "complete"), want: []string{
			"session completing",
			"gateway asked for 5 4242",
			"response 202",
		}},
		{name: "a bank account that is no test account", steps: []string{ach, "capture bank-account-number", "enter 1234567",
			"capture bank-routing-number", "press 121181976", "complete"}, want: []string{
			"session completing",
			"gateway asked for 5 67 refused 64023",
			"response 202",
		}},
		{name: "asks the caller to confirm", steps: confirm, want: []string{
			"asked to confirm 1111",
			"session confirming",
			"response 202",
		}},
		{name: "asks the caller again", steps: after(confirm, "complete"), want: []string{
			"no longer asked to confirm 1111: replaced",
			"asked to confirm 1111",
			"session confirming",
			"response 202",
		}},
		{name: "while the gateway decides", steps: after(charge, "complete"), want: []string{"response 400 64021"}},
		{name: "the same request while the gateway decides", steps: after(charge, "again"), want: []string{"response 202 replayed"}},
		{name: "a new session while the gateway decides", steps: after(charge, "create"), want: []string{"response 400 64021 [ReportSessionInProgress]"}},
		{name: "cancel while the gateway decides", steps: after(charge, "cancel"), want: []string{"response 400 64021"}},
		{name: "after the end", steps: after(charge, "verdict", "complete"), want: []string{"response 404 20404 [FinishedSessionStatus]"}},
	})
}

func TestCancel(t *testing.T) {
	t.Parallel()
	playScenes(t, []scene{
		{name: "in the middle of an entry", steps: after(asked, "press 4", "cancel"), want: []string{
			"timer stopped",
			"no longer asked payment-card-number 1: session-ended",
			"callback to cancel Result=transaction-cancelled [CancelResult]",
			"session ended transaction-cancelled [CancelResult]",
			"response 202",
		}},
		{name: "with another result", assume: Assumptions{CancelResult: "other"}, steps: []string{cardOnly, "cancel"}, want: []string{
			"callback to cancel Result=other [CancelResult]",
			"session ended other [CancelResult]",
			"response 202",
		}},
		{name: "without a result", assume: Assumptions{NoCancelResult: true}, steps: []string{cardOnly, "cancel"}, want: []string{
			"callback to cancel [CancelResult]",
			"session ended [CancelResult]",
			"response 202",
		}},
		{name: "twice", steps: []string{cardOnly, "cancel", "cancel"}, want: []string{"response 404 20404 [FinishedSessionStatus]"}},
		{name: "twice, by another assumption", assume: Assumptions{FinishedSessionStatus: 400, FinishedSessionCode: 64021}, steps: []string{cardOnly, "cancel", "cancel"}, want: []string{"response 400 64021 [FinishedSessionStatus]"}},
	})
}
