package paymentstest

import "iter"

// history is a list that forgets its oldest items above its limits; the newest is
// always kept. It grows by chunks, so that no item is moved.
type history[T any] struct {
	count   int // the limit of [WithHistory]; zero for none
	budget  int // the list's share of [WithHistoryBytes]; zero for none
	chunks  []*[historyChunk]kept[T]
	start   int // of the oldest in the first chunk
	length  int
	bytes   int
	dropped int // how many are no longer kept
}

type kept[T any] struct {
	item T
	size int
}

const historyChunk = 64

// add keeps an item of about so many bytes, and returns its number from 1.
func (h *history[T]) add(item T, size int) int {
	if h.start+h.length == len(h.chunks)*historyChunk {
		h.chunks = append(h.chunks, new([historyChunk]kept[T]))
	}
	*h.place(h.length) = kept[T]{item, size}
	h.length++
	h.bytes += size
	for h.count > 0 && h.length > h.count || h.budget > 0 && h.bytes > h.budget && h.length > 1 {
		h.forgetOldest()
	}
	return h.dropped + h.length
}

// place is where the i-th of the kept items is, from 0.
func (h *history[T]) place(i int) *kept[T] {
	i += h.start
	return &h.chunks[i/historyChunk][i%historyChunk]
}

// at returns the i-th of the kept items, from 0.
func (h *history[T]) at(i int) T { return h.place(i).item }

// all yields the items, oldest first.
func (h *history[T]) all() iter.Seq[T] {
	return func(yield func(T) bool) {
		for i := range h.length {
			if !yield(h.at(i)) {
				return
			}
		}
	}
}

func (h *history[T]) forgetOldest() {
	oldest := h.place(0)
	h.bytes -= oldest.size
	*oldest = kept[T]{}
	h.start, h.length, h.dropped = h.start+1, h.length-1, h.dropped+1
	if h.start == historyChunk {
		h.chunks[0] = nil
		h.chunks, h.start = h.chunks[1:], 0
	}
}

// historyLists is how many lists share the bytes of a server's history.
const historyLists = 5

// entriesPerRequest is how many entries of the journal are kept for each request
// and callback: about as many as a key press with its callback makes.
const entriesPerRequest = 10

// The approximate bytes of an item without its text.
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
