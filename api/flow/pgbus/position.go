package pgbus

import (
	"bytes"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// batchSize is how many events of a call one read returns.
const batchSize = 64

// position is a position in the events of a call. The zero position is before
// the first event of a call that was not stored when it was looked up.
type position struct {
	born   int64 // when the call's row was created, in microseconds; 0 if there was none
	head   int64 // all events up to this number were read
	number int64 // of the last event that was read, of any session; 0 before the first
	digest string
}

// entry is an event as it is stored.
type entry struct {
	number  int64
	session flow.Session
	digest  string
	data    []byte
}

// found is what a read returns of a call: all zeroes if nothing of it is
// stored.
type found struct {
	born, last int64
	entries    []entry
}

// errLost means that the database no longer has what was read from it: a server
// took over that lagged behind the previous one.
var errLost = fmt.Errorf("pgbus: the database has lost events of the call: %w", flow.ErrExpired)

// advance returns the position after a read from p, the events that follow p,
// and whether these are all. The read starts with the last event read before:
// if that is missing, the call was forgotten or the event lost, and numbering
// has restarted.
func (p position) advance(f found) (next position, fresh []entry, complete bool, err error) {
	switch {
	case f.born == 0 && p.born == 0:
		return p, nil, true, nil
	case p.born != 0 && p.born != f.born:
		return p, nil, false, flow.ErrExpired
	}
	fresh = f.entries
	if p.number > 0 {
		if len(fresh) == 0 || fresh[0].number != p.number || fresh[0].digest != p.digest {
			return p, nil, false, errLost
		}
		fresh = fresh[1:]
	}
	if f.last < p.head {
		return p, nil, false, errLost
	}
	next = position{born: f.born, head: f.last, number: p.number, digest: p.digest}
	if n := len(fresh); n > 0 {
		next.number, next.digest = fresh[n-1].number, fresh[n-1].digest
	}
	if complete = len(f.entries) < batchSize; !complete {
		next.head = next.number
	}
	return next, fresh, complete, nil
}

// readFrom reads the events of calls from their positions on, in one snapshot.
func (b *Bus) readFrom(ctx context.Context, conn *pgx.Conn, calls []string, from []position) ([]found, error) {
	numbers := make([]int64, len(from))
	for i, p := range from {
		numbers[i] = p.number
	}
	rows, err := conn.Query(ctx, b.sql.read, calls, numbers, batchSize)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := make([]found, len(calls))
	for rows.Next() {
		var i, born, last int64
		var number *int64
		var account, sid *string
		var digest, data []byte
		if err := rows.Scan(&i, &born, &last, &number, &account, &sid, &digest, &data); err != nil {
			return nil, err
		}
		f := &all[i-1]
		f.born, f.last = born, last
		if number != nil {
			f.entries = append(f.entries, entry{
				number: *number, session: flow.Session{AccountSID: *account, CallSID: calls[i-1], SID: *sid},
				digest: string(digest), data: bytes.Clone(data),
			})
		}
	}
	return all, rows.Err()
}

// headsOf returns what is stored of calls, without their events.
func (b *Bus) headsOf(ctx context.Context, conn *pgx.Conn, calls []string) ([]found, error) {
	rows, err := conn.Query(ctx, b.sql.heads, calls)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := make([]found, len(calls))
	for rows.Next() {
		var i, born, last int64
		if err := rows.Scan(&i, &born, &last); err != nil {
			return nil, err
		}
		all[i-1] = found{born: born, last: last}
	}
	return all, rows.Err()
}
