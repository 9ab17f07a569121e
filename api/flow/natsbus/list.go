package natsbus

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twiliopay/twiliopay-go/api/flow"
)

// cursor is a position in the list. Sessions are listed in the order in which
// their records were last written. A record that is written while the list is
// read moves behind the end that the list had: each pass reads what was written
// during the previous one. Because a pass takes only as long as there were
// writes during the one before, passes get shorter; a record that every pass
// just misses would have to be written every few milliseconds.
type cursor struct {
	last uint64 // sequence number of the last record read
	end  uint64 // sequence number of the last record of this pass
	pass int
}

const maxPasses = 16

func (c cursor) String() string { return fmt.Sprintf("%d.%d.%d", c.last, c.end, c.pass) }

func parseCursor(text string) (c cursor, err error) {
	if text == "" {
		return cursor{}, nil
	}
	if _, err := fmt.Sscanf(text, "%d.%d.%d", &c.last, &c.end, &c.pass); err != nil || c.String() != text || c.last > c.end || c.pass > maxPasses {
		return cursor{}, flow.WrongCursor()
	}
	return c, nil
}

// List implements flow.Bus. A page reads as many records as its limit,
// including those it leaves out. A record that is written while pages are read
// is listed again, unless it is written just before its turn in each of 16
// passes.
func (b *Bus) List(ctx context.Context, q flow.ListQuery) (page flow.ListPage, err error) {
	if err := q.Validate(); err != nil {
		return page, err
	}
	at, err := parseCursor(q.After)
	if err != nil {
		return page, err
	}
	records, more, err := b.records(ctx, b.config.recordSubject(flow.Session{AccountSID: q.AccountSID}), &at, q.Limit)
	if err != nil {
		return page, err
	}
	if more {
		page.Next = at.String()
	}
	kept, err := b.keptRecords(ctx, records)
	if err != nil {
		return page, err
	}
	open, err := b.withoutOver(ctx, kept)
	if err != nil {
		return page, err
	}
	for _, e := range open {
		s := sessionOf(e.subject)
		r := flow.ListedRecord{Session: s, Revision: e.sequence, Changed: time.Unix(0, e.at)}
		r.Value, r.Err = b.config.seal.open(e.data, b.recordPlace(s))
		page.Records = append(page.Records, r)
	}
	return page, nil
}

// records reads up to limit records of a subject from a position in the list,
// advances the position, and reports whether there may be more.
func (b *Bus) records(ctx context.Context, filter string, at *cursor, limit int) (records []entry, more bool, err error) {
	for {
		if at.last == at.end { // the first pass, or the next one
			last, err := b.lastRecord(ctx)
			if err != nil {
				return nil, false, err
			}
			if last <= at.end || at.pass == maxPasses {
				return records, false, nil
			}
			at.end, at.pass = last, at.pass+1
		}
		read, err := b.pass(ctx, filter, at.last, at.end, limit-len(records))
		if err != nil {
			return nil, false, err
		}
		records = append(records, read...)
		if len(records) == limit {
			at.last = records[limit-1].sequence
			return records, true, nil
		}
		at.last = at.end
	}
}

// lastRecord returns the sequence number of the latest record.
func (b *Bus) lastRecord(ctx context.Context) (uint64, error) {
	stream, err := b.stream(ctx, b.config.bucketStream())
	if err != nil {
		return 0, err
	}
	return stream.CachedInfo().State.LastSeq, nil
}

// pass reads up to limit records of a subject, from after one sequence number
// up to another. A consumer reads many at once, from a server that may lag
// behind: the rest is read from the leader.
func (b *Bus) pass(ctx context.Context, filter string, after, end uint64, limit int) (records []entry, err error) {
	if end-after > few {
		records, err = again(ctx, b, func(ctx context.Context) ([]entry, error) {
			return b.fetchRecords(ctx, filter, after, end, limit)
		}, b.api()+"CONSUMER.CREATE."+b.config.bucketStream(), b.api()+"CONSUMER.MSG.NEXT."+b.config.bucketStream())
		if err != nil {
			return nil, err
		}
	}
	for len(records) < limit {
		if n := len(records); n > 0 {
			after = records[n-1].sequence
		}
		e, err := b.ask(ctx, b.config.bucketStream(), getRequest{Sequence: after + 1, NextOf: filter})
		if err != nil {
			return nil, err
		}
		if e == nil || e.sequence > end {
			break
		}
		records = append(records, *e)
	}
	return records, nil
}

// few records are read one by one; more by a consumer.
const few = 4

// fetchRecords is pass through a temporary consumer. It returns fewer records
// if the server has no more, or one was lost.
func (b *Bus) fetchRecords(ctx context.Context, filter string, after, end uint64, limit int) (records []entry, err error) {
	nc, stream := b.js.Conn(), b.config.bucketStream()
	name := "twiliopay-list-" + rand.Text()
	_, err = b.js.CreateConsumer(ctx, stream, jetstream.ConsumerConfig{
		Name: name, FilterSubject: filter, DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: after + 1,
		AckPolicy: jetstream.AckNonePolicy, MaxDeliver: 1, MemoryStorage: true, Replicas: 1, InactiveThreshold: abandoned,
	})
	if err != nil {
		return nil, err
	}
	defer b.forgetConsumer(stream, name)
	responses := make(chan *nats.Msg, limit+1)
	inbox, err := nc.ChanSubscribe(nc.NewInbox(), responses)
	if err != nil {
		return nil, err
	}
	defer func() { _ = inbox.Unsubscribe() }()
	request, err := json.Marshal(map[string]any{"batch": limit, "no_wait": true})
	if err != nil {
		return nil, err
	}
	if err := nc.PublishRequest(b.api()+"CONSUMER.MSG.NEXT."+stream+"."+name, inbox.Subject, request); err != nil {
		return nil, err
	}
	silence := time.NewTimer(silenceTime)
	defer silence.Stop()
	for len(records) < limit {
		select {
		case m := <-responses:
			meta, err := m.Metadata()
			if err != nil || meta.Sequence.Consumer != uint64(len(records)+1) || meta.Sequence.Stream > end {
				return records, nil // no more, or one was lost
			}
			records = append(records, entry{
				subject: m.Subject, sequence: meta.Sequence.Stream, at: meta.Timestamp.UnixNano(), data: m.Data, deleted: isMarker(m.Header),
			})
			silence.Reset(silenceTime)
		case <-silence.C:
			return records, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return records, nil
}

func isMarker(h nats.Header) bool {
	return h.Get("KV-Operation") != "" || h.Get("Nats-Marker-Reason") != ""
}

// keptRecords leaves out deleted records and forgotten sessions.
func (b *Bus) keptRecords(ctx context.Context, records []entry) (kept []entry, err error) {
	for _, e := range records {
		s := sessionOf(e.subject)
		if e.deleted || s.Validate() != nil {
			continue
		}
		remembered, err := b.isRemembered(ctx, s, &e)
		if err != nil {
			return nil, err
		}
		if remembered {
			kept = append(kept, e)
		}
	}
	return kept, nil
}

// withoutOver leaves out sessions whose latest event is final.
func (b *Bus) withoutOver(ctx context.Context, records []entry) (open []entry, err error) {
	latest, err := b.latest(ctx, records)
	if err != nil {
		return nil, err
	}
	for _, e := range records {
		if last, found := latest[b.config.subject(sessionOf(e.subject))]; found {
			if m, err := b.decode(last); err == nil && m.Final {
				continue
			}
		}
		open = append(open, e)
	}
	return open, nil
}

// latest returns the latest event of each session that has a record and events,
// by subject.
func (b *Bus) latest(ctx context.Context, records []entry) (map[string]entry, error) {
	if len(records) == 0 {
		return nil, nil
	}
	subjects := make([]string, len(records))
	for i, e := range records {
		subjects[i] = b.config.subject(sessionOf(e.subject))
	}
	allowed := true
	batch, err := again(ctx, b, func(ctx context.Context) ([]entry, error) {
		batch, err := b.direct(ctx, getRequest{LatestOf: subjects}, len(subjects))
		if errors.Is(err, errNoDirect) {
			allowed, err = false, nil
		}
		return batch, err
	}, b.api()+"DIRECT.GET."+b.config.stream())
	latest := make(map[string]entry, len(batch))
	for _, e := range batch {
		latest[e.subject] = e
	}
	if err != nil || allowed {
		return latest, err
	}
	for _, subject := range subjects {
		e, err := b.newest(ctx, getRequest{LastOf: subject})
		if err != nil {
			return nil, err
		}
		if e != nil {
			latest[subject] = *e
		}
	}
	return latest, nil
}
