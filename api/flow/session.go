package flow

import "strings"

// Session names a payment session.
type Session struct {
	AccountSID string `json:"account,omitempty"` // AC and 32 hexadecimal digits
	CallSID    string `json:"call"`              // the call it was started on, CA and 32 hexadecimal digits
	SID        string `json:"session,omitempty"` // PK and 32 hexadecimal digits
}

// Validate returns a *[payments.ValidationError] for each SID that does not have
// its form, so that it is safe to make keys and subjects of them.
func (s Session) Validate() error {
	return join(checkSID("AccountSid", "AC", s.AccountSID), checkSID("CallSid", "CA", s.CallSID), checkSID("Sid", "PK", s.SID))
}

// clone returns s with strings of its own, where they may be parts of a request.
func (s Session) clone() Session {
	return Session{strings.Clone(s.AccountSID), strings.Clone(s.CallSID), strings.Clone(s.SID)}
}

// Includes reports whether t is s or, where s names no account or no SID, one
// of the sessions that s stands for.
func (s Session) Includes(t Session) bool {
	return s.CallSID == t.CallSID &&
		(s.AccountSID == "" || s.AccountSID == t.AccountSID) && (s.SID == "" || s.SID == t.SID)
}

// validatePattern is Validate for what [Bus.Subscribe] takes: account and SID may
// be empty, and stand for all.
func (s Session) validatePattern() error {
	var account, sid error
	if s.AccountSID != "" {
		account = checkSID("AccountSid", "AC", s.AccountSID)
	}
	if s.SID != "" {
		sid = checkSID("Sid", "PK", s.SID)
	}
	return join(account, checkSID("CallSid", "CA", s.CallSID), sid)
}

func checkSID(name, prefix, sid string) error {
	rest, ok := strings.CutPrefix(sid, prefix)
	if !ok || len(rest) != 32 || strings.Trim(rest, "0123456789abcdefABCDEF") != "" {
		return invalid(name, "must be "+prefix+" and 32 hexadecimal digits")
	}
	return nil
}
