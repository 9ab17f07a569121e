package pgbus

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// List implements flow.Bus. Sessions are ordered by account, call and session.
// That order never changes, so a session that exists throughout is listed once.
func (b *Bus) List(ctx context.Context, q flow.ListQuery) (flow.ListPage, error) {
	if err := b.ready(ctx); err != nil {
		return flow.ListPage{}, err
	}
	if err := q.Validate(); err != nil {
		return flow.ListPage{}, err
	}
	after, err := parseCursor(q.After)
	if err != nil {
		return flow.ListPage{}, err
	}
	records, err := again(ctx, b, func(ctx context.Context, conn *pgx.Conn) ([]flow.ListedRecord, error) {
		rows, err := conn.Query(ctx, b.sql.list, q.AccountSID, after.AccountSID, after.CallSID, after.SID, q.Limit+1)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r flow.ListedRecord, err error) {
			var revision int64
			err = row.Scan(&r.Session.AccountSID, &r.Session.CallSID, &r.Session.SID, &r.Value, &revision, &r.Changed)
			r.Revision = uint64(revision) // #nosec G115 -- revisions are positive
			return r, err
		})
	})
	if err != nil {
		return flow.ListPage{}, err
	}
	page := flow.ListPage{Records: records}
	if len(records) > q.Limit {
		page.Records = records[:q.Limit]
		page.Next = cursor(records[q.Limit-1].Session)
	}
	for i := range page.Records {
		r := &page.Records[i]
		r.Value, r.Err = b.open(r.Value, b.config.records(), name(r.Session))
	}
	return page, nil
}

// cursor identifies the last session of a page.
func cursor(s flow.Session) string { return base64.RawURLEncoding.EncodeToString([]byte(name(s))) }

func parseCursor(text string) (s flow.Session, err error) {
	if text == "" {
		return s, nil
	}
	named, err := base64.RawURLEncoding.DecodeString(text)
	parts := strings.Split(string(named), ".")
	if err != nil || len(parts) != 3 {
		return s, flow.WrongCursor()
	}
	s = flow.Session{AccountSID: parts[0], CallSID: parts[1], SID: parts[2]}
	if s.Validate() != nil {
		return s, flow.WrongCursor()
	}
	return s, nil
}
