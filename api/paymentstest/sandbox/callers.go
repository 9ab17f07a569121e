package main

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// person is what a caller types for each field, and what goes wrong.
type person struct {
	number, code string
	routing      string
	account      string
	mistypes     bool // the first entry of every field
	star         bool // instead of the security code
	hangsUp      bool // instead of the security code
	silent       bool
}

// callers are the people -caller can put on the phone.
var callers = map[string]*person{
	"visa":       {number: "4111111111111111", code: "123"},
	"mastercard": {number: "5555555555554444", code: "123"},
	"amex":       {number: "378282246310005", code: "1234"},
	"ach":        {routing: "121181976", account: "123456789"},
	"clumsy":     {number: "4111111111111111", code: "123", mistypes: true},
	"untested":   {number: "4242424242424242", code: "123"}, // no test card: 64022 unless -live
	"star":       {number: "4111111111111111", code: "123", star: true},
	"hang-up":    {number: "4111111111111111", code: "123", hangsUp: true},
	"silent":     {silent: true},
}

func callerNames() []string { return slices.Sorted(maps.Keys(callers)) }

// keys is what the person presses for a field; empty is nothing.
func (p *person) keys(c payments.Capture) string {
	switch c {
	case payments.CapturePaymentCardNumber, payments.CapturePaymentCardNumberMatcher:
		return p.number
	case payments.CaptureExpirationDate, payments.CaptureExpirationDateMatcher:
		return "1299"
	case payments.CaptureSecurityCode, payments.CaptureSecurityCodeMatcher:
		return p.code
	case payments.CapturePostalCode, payments.CapturePostalCodeMatcher:
		return "94109"
	case payments.CaptureBankRoutingNumber:
		return p.routing
	}
	return p.account
}

// answer presses the keys with a pause before each, until ctx ends.
func (p *person) answer(ctx context.Context, pace time.Duration) paymentstest.Caller {
	return func(c *paymentstest.Call, ask paymentstest.Prompt) {
		keys := p.keys(ask.Capture) + "#"
		code := ask.Capture == payments.CaptureSecurityCode
		switch {
		case p.silent:
			return
		case ask.Confirm:
			keys = "1"
		case p.star && code:
			keys = "*"
		case p.hangsUp && code:
			if pause(ctx, pace) {
				c.HangUp()
			}
			return
		case keys == "#":
			return
		case p.mistypes && ask.Times == 1:
			keys = "1#"
		}
		for i := range len(keys) {
			if !pause(ctx, pace) || c.Press(keys[i:i+1]) != nil {
				return // the field took its last digit, or another was asked for
			}
		}
	}
}

// pause reports whether d has passed before ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
