package paymentstest

// Call is a phone call that payment sessions can run on.
type Call struct {
	// SID is the call's SID, CA and 32 hexadecimal digits.
	SID string

	server     *Server
	accountSID string // the account that used the call first; empty until then
	ended      bool
	session    *session // the last one, open or not
	sessions   int
}
