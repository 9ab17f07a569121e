package callback

// CardLast4 returns the last four digits of the card number, "" while they are
// not known. It reads every mask that was seen or is documented, such as
// "xxxxxxxxxxxx1111", "xxxx-xxxxxx-x4001" and "**** **** **** 1111".
func (e Event) CardLast4() string { return lastDigits(e.PaymentCardNumber.Reveal()) }

// lastDigits returns the four digits that end s, separators left out. Anything
// but a digit or a separator before there are four, such as a mask, means that
// there are none.
func lastDigits(s string) string {
	var last [4]byte
	n := len(last)
	for i := len(s) - 1; i >= 0 && n > 0; i-- {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			n--
			last[n] = c
		case c != '-' && c != ' ':
			return ""
		}
	}
	if n > 0 {
		return ""
	}
	return string(last[:])
}
