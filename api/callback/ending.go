package callback

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/twiliopay/twiliopay-go/generated"
)

// ending is the result of a session.
type ending struct {
	Date    time.Time `json:"date,omitzero"`
	Success bool      `json:"success"`
	Result  Result    `json:"result"`
	Code    int       `json:"code,omitempty"`
}

func (e ending) compare(f ending) int {
	switch {
	case e.Success && !f.Success:
		return 1
	case f.Success && !e.Success:
		return -1
	}
	return cmp.Or(
		e.Date.Compare(f.Date),
		strings.Compare(string(e.Result), string(f.Result)),
		cmp.Compare(e.Code, f.Code),
	)
}

func (r *record) end(e Event) {
	end := ending{Date: e.DateUpdated.UTC(), Success: e.Succeeded(), Result: storable(e.Result)}
	if failure, ok := errors.AsType[*PaymentError](e.Err()); ok {
		end.Code = failure.Code
	}
	if r.Ending == nil || end.compare(*r.Ending) > 0 {
		r.Ending = &end
	}
	if !end.Success {
		return
	}
	// What was paid with was captured, even if no update told.
	for c, value := range map[Capture]string{
		generated.CapturePaymentCardNumber: e.PaymentCardNumber.Reveal(),
		generated.CaptureExpirationDate:    e.ExpirationDate.Reveal(),
		generated.CaptureSecurityCode:      e.SecurityCode.Reveal(),
		generated.CapturePostalCode:        e.PaymentCardPostalCode.Reveal(),
		generated.CaptureBankAccountNumber: e.BankAccountNumber.Reveal(),
		generated.CaptureBankRoutingNumber: e.BankRoutingNumber.Reveal(),
	} {
		if value != "" {
			r.Known = with(r.Known, c)
		}
	}
}

// with returns a sorted list that has c too. The old list is not changed.
func with(list []Capture, c Capture) []Capture {
	i, found := slices.BinarySearch(list, c)
	if found {
		return list
	}
	return slices.Insert(slices.Clone(list), i, c)
}
