package flow

import (
	"context"
	"fmt"
	"time"

	"github.com/twiliopay/twiliopay-go/internal/sid"
)

// MaxListLimit is the most records that a page of [Bus.List] has.
const MaxListLimit = 1000

// ListQuery selects the page of sessions that [Bus.List] returns.
type ListQuery struct {
	// AccountSID restricts the list to the sessions of one account; empty for
	// all.
	AccountSID string
	// After is the field Next of the page before; empty for the first page.
	After string
	// Limit is how many records a page has at most, from 1 to [MaxListLimit].
	Limit int
}

// Validate returns a *[payments.ValidationError] for an invalid AccountSID or
// Limit. Only the bus can check After.
func (q ListQuery) Validate() error {
	var account, limit error
	if q.AccountSID != "" {
		account = checkSID(sid.Account, q.AccountSID)
	}
	if q.Limit < 1 || q.Limit > MaxListLimit {
		limit = invalid("Limit", fmt.Sprintf("must be from 1 to %d", MaxListLimit))
	}
	return join(account, limit)
}

// WrongCursor returns the error of a bus for an After that it did not create: a
// *[payments.ValidationError].
func WrongCursor() error { return invalid("After", "must be empty, or Next of the page before") }

// ListPage is a page of sessions.
type ListPage struct {
	// Records may have fewer than the limit, or none, although more follow.
	Records []ListedRecord
	// Next is [ListQuery].After of the next page; empty when nothing follows.
	Next string
}

// ListedRecord is a session and its record.
type ListedRecord struct {
	Session  Session
	Value    []byte    // as it was swapped; the caller's
	Revision uint64    // as [Bus.Load] returns it
	Changed  time.Time // when the record was last written, by the clock of the bus
	// Err is why the bus cannot read the record, for example because it lacks its
	// key; Value is then nil.
	Err error
}

func (b boundedBus) List(ctx context.Context, q ListQuery) (ListPage, error) {
	return bounded(ctx, func(ctx context.Context) (ListPage, error) { return b.Bus.List(ctx, q) }, nil)
}
