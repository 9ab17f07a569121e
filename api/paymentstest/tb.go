package paymentstest

// TB is the part of testing.TB that a [Server] needs. Both *testing.T and
// *testing.B have it. It is declared here so that programs such as the sandbox
// do not link package testing.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
	Cleanup(func())
}
