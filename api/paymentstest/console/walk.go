package console

import (
	"iter"

	"github.com/twiliopay/twiliopay-go/api/paymentstest"
)

// all yields the stored entries that wanted accepts, oldest first.
func (c *Console) all(wanted func(paymentstest.Entry) bool) iter.Seq[paymentstest.Entry] {
	return func(yield func(paymentstest.Entry) bool) {
		const batch = 1000
		_, last := c.bounds()
		for after := int64(0); after < last; {
			list := c.srv.Entries(after, batch)
			if len(list) == 0 {
				return
			}
			for _, e := range list {
				if e.Number > last || wanted(e) && !yield(withoutDigits(e)) {
					return
				}
			}
			after = list[len(list)-1].Number
		}
	}
}
