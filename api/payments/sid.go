package payments

// SIDs are two letters and 32 hexadecimal digits. Nothing else reaches a path,
// so that no value can climb out of it.
const (
	prefixAccount = "AC"
	prefixCall    = "CA"
	prefixPayment = "PK"
	prefixKey     = "SK"

	ruleAccount = "must be AC and 32 hexadecimal digits"
	ruleCall    = "must be CA and 32 hexadecimal digits"
	ruleKey     = "must be SK and 32 hexadecimal digits"
	rulePayment = "must be PK and 32 hexadecimal digits"
)

func isSID(s, prefix string) bool {
	if len(s) != len(prefix)+32 || s[:len(prefix)] != prefix {
		return false
	}
	for _, c := range []byte(s[len(prefix):]) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}
