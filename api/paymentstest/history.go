package paymentstest

// history keeps what happened, oldest first.
type history[T any] struct {
	count   int // the limit of [WithHistory]; zero for none
	budget  int // the list's share of [WithHistoryBytes]; zero for none
	items   []T
	sizes   []int
	bytes   int
	dropped int // entries no longer kept
}

// add keeps an item of about so many bytes, and returns its number from 1.
func (h *history[T]) add(item T, size int) int {
	h.items, h.sizes = append(h.items, item), append(h.sizes, size)
	h.bytes += size
	number := h.dropped + len(h.items)
	h.forget()
	return number
}

// forget drops the oldest items above a limit. It lets their number grow by half
// before it does, and then takes a quarter of the bytes as well, so that each is
// moved once in a while only. The newest is always kept.
func (h *history[T]) forget() {
	drop := 0
	if over := len(h.items) - h.count; h.count > 0 && over > h.count/2 {
		drop = over
	}
	bytes, budget := h.bytes, h.budget
	for _, size := range h.sizes[:drop] {
		bytes -= size
	}
	if budget > 0 && bytes > budget {
		for ; bytes > budget-budget/4 && drop < len(h.items)-1; drop++ {
			bytes -= h.sizes[drop]
		}
	}
	if drop == 0 {
		return
	}
	h.items, h.sizes = append([]T(nil), h.items[drop:]...), append([]int(nil), h.sizes[drop:]...)
	h.bytes, h.dropped = bytes, h.dropped+drop
}

// historyLists is how many lists share the bytes of a server's history.
const historyLists = 5

// entriesPerRequest is how many entries of the journal are kept for each request
// and callback: about as many as a key press with its callback leaves.
const entriesPerRequest = 10

// What an entry takes beside the text it holds, about.
const (
	requestOverhead  = 900
	callbackOverhead = 1500
	paymentOverhead  = 400
)

func (r *Request) size() int {
	n := requestOverhead + 2*len(r.Body) + len(r.Path) // the body and the form read from it
	for name, values := range r.Header {
		n += len(name)
		for _, v := range values {
			n += len(v)
		}
	}
	return n
}

func (o *outgoing) size() int {
	n := callbackOverhead + len(o.url)
	for name, values := range o.form {
		n += len(name) + len(values[0])
	}
	return n
}

func (p Payment) size() int {
	n := paymentOverhead + len(p.Description) + len(p.IdempotencyKey)
	for name, value := range p.Parameter.Reveal() {
		n += len(name) + len(value)
	}
	return n
}
