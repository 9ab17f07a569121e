package flow

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/twiliopay/twiliopay-go/api/payments"
)

// Query selects the sessions that [Unfinished] and [Reconcile] look at. The
// zero Query selects all.
type Query struct {
	// AccountSID restricts them to one account; empty for all accounts.
	AccountSID string
	// OlderThan leaves out younger sessions. For Unfinished it is the time
	// since the session was started, by default 0. For Reconcile it is the time
	// since complete was sent, or may have been: by default 15 minutes, at
	// least one. Ages use the machines' clocks.
	OlderThan time.Duration
	// After is the field Next of the page before; empty for the first page.
	After string
	// Limit is how many sessions a page has at most: by default 100, at most
	// [MaxListLimit].
	Limit int
}

const (
	defaultPage       = 100
	defaultSettleAge  = 15 * time.Minute
	smallestSettleAge = time.Minute
)

// list returns the query in the form that a bus takes.
func (q Query) list() (ListQuery, error) {
	l := ListQuery{AccountSID: q.AccountSID, After: q.After, Limit: q.Limit}
	if l.Limit == 0 {
		l.Limit = defaultPage
	}
	err := l.Validate()
	if q.OlderThan < 0 {
		err = join(err, invalid("OlderThan", "must not be below 0"))
	}
	return l, err
}

// OpenSession is a session that was started and has not ended.
type OpenSession struct {
	Session Session `json:"session"`
	// Started is when [Start] returned the session, by the clock of its
	// machine; zero if an older version of this package started it.
	Started time.Time `json:"started,omitzero"`
	// Changed is when a machine last recorded activity in the session, by the
	// clock of the bus. During a step that happens every few seconds, see
	// [WithLease].
	Changed time.Time `json:"changed"`
	// Asking is the capture that is under way or abandoned.
	Asking payments.Capture `json:"asking,omitempty"`
	// Completing reports that complete was sent, or may have been, and
	// Completed since when: nobody knows whether a charge was made. [Reconcile]
	// settles it.
	Completing bool      `json:"completing,omitempty"`
	Completed  time.Time `json:"completed,omitzero"`
	// Reference is the session's reference at the gateway, see
	// [WithReferenceInDescription]; empty if [Start] was not asked for one.
	Reference string `json:"reference,omitempty"`
	// Err is why the session's record, or one of its callbacks, cannot be read. If
	// it is the record, only Session and Changed are known. It is [ErrFormat] if a
	// newer version wrote it, or another key encrypted it.
	Err error `json:"-"`

	claim string
	over  *record // a record that states the end, although no message does; nil while the session is open
}

// OpenPage is a page of sessions.
type OpenPage struct {
	Sessions []OpenSession `json:"sessions"`
	// Next is [Query].After of the next page; empty when nothing follows.
	Next string `json:"next,omitempty"`
}

// Unfinished returns sessions that were started and have not ended, a page at a
// time: sessions in progress, abandoned ones, and those of which nobody knows
// whether they were charged. It sends nothing to Twilio and changes nothing on
// the bus.
//
// Sessions are listed in an order of the bus's choice. A session that changes
// while pages are read may appear twice. A session that [Start] could not
// record is not included: Start has returned a [*StartError] with what is
// needed.
//
// On an error the page holds what was read before it, and its Next continues
// from there.
func Unfinished(ctx context.Context, bus Bus, q Query) (OpenPage, error) {
	if bus == nil {
		return OpenPage{}, errors.New("flow: Unfinished needs a bus")
	}
	l, err := q.list()
	if err != nil {
		return OpenPage{}, err
	}
	return unfinished(ctx, boundedBus{bus}, l, func(s OpenSession) bool {
		started := s.Started
		if started.IsZero() {
			started = s.Changed
		}
		return s.over == nil && (q.OlderThan == 0 || time.Since(started) >= q.OlderThan)
	})
}

// unfinished returns a page of the wanted sessions that no message has ended.
func unfinished(ctx context.Context, bus boundedBus, l ListQuery, wanted func(OpenSession) bool) (OpenPage, error) {
	page, limit := OpenPage{Next: l.After}, l.Limit
	for {
		l.Limit, l.After = limit-len(page.Sessions), page.Next
		listed, err := bus.List(ctx, l)
		if err != nil {
			return page, err
		}
		var found []OpenSession
		for _, r := range listed.Records {
			s := openSession(r)
			if s.Err == nil && !wanted(s) {
				continue
			}
			over, err := isOver(ctx, bus, s)
			if errors.Is(err, ErrFormat) {
				s.Err, err = cmp.Or(s.Err, err), nil // a session that cannot be read must not hide the others
			}
			if err != nil {
				return page, err
			}
			twice := slices.ContainsFunc(page.Sessions, func(t OpenSession) bool { return t.Session == s.Session })
			if !over && !twice {
				found = append(found, s)
			}
		}
		page.Sessions, page.Next = append(page.Sessions, found...), listed.Next
		if page.Next == "" || len(page.Sessions) == limit {
			return page, nil
		}
	}
}

// openSession describes a session from its record.
func openSession(l ListedRecord) OpenSession {
	s := OpenSession{Session: l.Session, Changed: l.Changed, Err: l.Err}
	if s.Err != nil {
		return s
	}
	r, err := decodeRecord(l.Value)
	if err != nil {
		s.Err = err
		return s
	}
	if r.isOver() {
		s.over = &r
	}
	s.Started, s.Reference = r.Started, r.Reference
	if asking := r.asking(); asking.Owner != "" {
		s.Asking = asking.Op.Capture
	}
	if r.Complete != "" {
		s.Completing, s.Completed, s.claim = true, r.Claimed, r.Complete
		if s.Completed.IsZero() {
			s.Completed = s.Changed
		}
	}
	return s
}

// isOver reports whether a message on the bus ends a session, finally if a complete
// was sent, or may have been.
func isOver(ctx context.Context, bus boundedBus, s OpenSession) (bool, error) {
	past, err := pastOf(ctx, bus, s.Session)
	return slices.ContainsFunc(past, func(m Message) bool {
		return m.Final || s.claim == "" && s.Err == nil && m.isEnd()
	}), err
}

// pastOf returns the messages of a session that the bus has.
func pastOf(ctx context.Context, bus boundedBus, s Session) ([]Message, error) {
	past, live, err := bus.Subscribe(ctx, s)
	if err == nil {
		_ = live.Close()
	}
	return past, err
}
