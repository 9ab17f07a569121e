package core

import (
	"slices"
	"strconv"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// brand is a range of card numbers: their first digits and their length. A number
// with ends digits ends its entry by itself; zero means that lengths vary and # has
// to end it.
type brand struct {
	card           payments.CardType
	from, to       int // the first digits, inclusive
	shortest, long int
	ends           int
}

// brands are tried in turn. Optima has no range of its own: its cards are
// American Express cards.
var brands = []brand{
	{payments.CardTypeEnroute, 2014, 2014, 15, 15, 0},
	{payments.CardTypeEnroute, 2149, 2149, 15, 15, 0},
	{payments.CardTypeMastercard, 2221, 2720, 16, 16, 16},
	{payments.CardTypeMastercard, 51, 55, 16, 16, 16},
	{payments.CardTypeAmex, 34, 34, 15, 15, 15},
	{payments.CardTypeAmex, 37, 37, 15, 15, 15},
	{payments.CardTypeDinersClub, 300, 305, 14, 19, 0},
	{payments.CardTypeDinersClub, 306, 306, 14, 19, 0}, // one of the vendor's test cards
	{payments.CardTypeDinersClub, 3095, 3095, 14, 19, 0},
	{payments.CardTypeDinersClub, 36, 36, 14, 19, 0},
	{payments.CardTypeDinersClub, 38, 39, 14, 19, 0},
	{payments.CardTypeJCB, 3528, 3589, 16, 19, 0},
	{payments.CardTypeDiscover, 6011, 6011, 16, 19, 0},
	{payments.CardTypeDiscover, 644, 649, 16, 19, 0},
	{payments.CardTypeDiscover, 65, 65, 16, 19, 0},
	{payments.CardTypeDiscover, 62, 62, 16, 19, 0}, // UnionPay, which Discover's network accepts
	{payments.CardTypeMaestro, 50, 50, 12, 19, 0},
	{payments.CardTypeMaestro, 56, 58, 12, 19, 0},
	{payments.CardTypeMaestro, 6304, 6304, 12, 19, 0},
	{payments.CardTypeMaestro, 67, 67, 12, 19, 0},
	{payments.CardTypeMaestro, 6390, 6390, 12, 19, 0},
	{payments.CardTypeVisa, 4, 4, 13, 19, 16},
}

// brandOf returns the brand of a number or of its first digits.
func brandOf(number string) (brand, bool) {
	for _, b := range brands {
		n := len(strconv.Itoa(b.from))
		if len(number) < n {
			continue
		}
		if first, err := strconv.Atoi(number[:n]); err == nil && first >= b.from && first <= b.to {
			return b, true
		}
	}
	return brand{}, false
}

// isCard reports whether a whole number can be a card of the brand, by its length
// and, except for enRoute, its check digit. The vendor's test cards always are,
// although the check digit of the Diners Club card is wrong.
func (b brand) isCard(number string) bool {
	if slices.Contains(testCards, number) {
		return true
	}
	if len(number) < b.shortest || len(number) > b.long {
		return false
	}
	return b.card == payments.CardTypeEnroute || luhn(number)
}

// luhn checks the check digit of ISO/IEC 7812.
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// isRouting checks a routing number of the American Bankers Association: nine
// digits, weighted 3, 7 and 1.
func isRouting(number string) bool {
	if len(number) != 9 || number == "000000000" {
		return false
	}
	sum := 0
	for i := range 9 {
		sum += int(number[i]-'0') * [3]int{3, 7, 1}[i%3]
	}
	return sum%10 == 0
}
