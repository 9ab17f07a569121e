package paymentstest

import "fmt"

// Format prints the server's URL for every verb: it holds tokens, and the digits
// callers have typed.
func (s *Server) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte("paymentstest.Server(" + s.URL + ")"))
}

// Format prints the call's SID for every verb.
func (c *Call) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte("paymentstest.Call(" + wellFormed(c.SID) + ")"))
}
