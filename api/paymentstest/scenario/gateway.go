package scenario

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// verdict is what the gateway decides about one payment.
type verdict struct {
	Verdict        string   `json:"verdict"`
	Code           int      `json:"code,omitempty"`
	ConnectorError string   `json:"connectorError,omitempty"`
	After          duration `json:"after,omitzero"`
}

const (
	approve = "approve"
	decline = "decline"
)

func (v *verdict) bind(n *node, field string, p *problems) {
	type plain verdict
	before := len(p.list)
	if n.kind == "text" {
		v.Verdict = n.text
	} else {
		bindInto(n, field, (*plain)(v), p)
	}
	switch {
	case len(p.list) > before:
	case v.Verdict != approve && v.Verdict != decline:
		p.add(n.line, field, "the verdict must be approve or decline")
	case v.Verdict == decline && !isPayCode(strconv.Itoa(v.Code)):
		p.add(n.line, field, "decline needs the field code, from %d to %d", payments.CodeConfiguration, payments.CodeConnectorNotApproved)
	case v.Verdict == approve && (v.Code != 0 || v.ConnectorError != ""):
		p.add(n.line, field, "code and connectorError go with decline only")
	}
}

// gateway decides the payments of each call in turn. It leaves payments after the
// end of the list, and plain approvals, to the server's TEST mode.
func gateway(verdicts []verdict) func(paymentstest.Payment) (paymentstest.Verdict, bool) {
	var count counter
	return func(p paymentstest.Payment) (paymentstest.Verdict, bool) {
		n := count.next(p.CallSID)
		if n > len(verdicts) || verdicts[n-1] == (verdict{Verdict: approve}) {
			return paymentstest.Verdict{}, false
		}
		v := paymentstest.Verdict{After: time.Duration(verdicts[n-1].After)}
		if verdicts[n-1].Verdict == decline {
			v.Code, v.ConnectorError = verdicts[n-1].Code, verdicts[n-1].ConnectorError
		}
		return v, true
	}
}

// MarshalJSON writes a plain approval as a word.
func (v verdict) MarshalJSON() ([]byte, error) {
	if v == (verdict{Verdict: approve}) {
		return json.Marshal(v.Verdict)
	}
	type plain verdict
	return json.Marshal(plain(v))
}
